using Orleans;
using Orleans.Runtime;

namespace Admission.Engine.Tests;

public interface IEchoGrain : IGrainWithStringKey
{
    Task<string> Echo(string text);

    ValueTask<int> Length(string text);

    ValueTask Nothing();

    Task<string> Describe();

    Task<bool> IsMe(IEchoGrain other);
}

public interface ICountedGrain : IGrainWithIntegerKey
{
    Task<long> Key();
}

public interface IGuidGrain : IGrainWithGuidKey
{
    Task<Guid> Key();
}

public sealed class EchoGrain : Grain, IEchoGrain
{
    public Task<string> Echo(string text) => Task.FromResult($"{this.GetPrimaryKeyString()}: {text}");

    public ValueTask<int> Length(string text) => new(text.Length);

    public ValueTask Nothing() => default;

    public Task<string> Describe() => Task.FromResult(this.GetGrainId().ToString());

    public Task<bool> IsMe(IEchoGrain other) => Task.FromResult(other.Equals(this.AsReference<IEchoGrain>()));
}

public sealed class CountedGrain : Grain, ICountedGrain
{
    public Task<long> Key() => Task.FromResult(this.GetPrimaryKeyLong());
}

public sealed class GuidGrain : Grain, IGuidGrain
{
    public Task<Guid> Key() => Task.FromResult(this.GetPrimaryKey());
}

public sealed class BasicTests
{
    [Fact]
    public async Task A_call_reaches_the_grain_and_its_answer_the_caller()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<IEchoGrain>("a");
        (await grain.Echo("hello")).ShouldBe("a: hello");
        (await grain.Length("four")).ShouldBe(4);
        await grain.Nothing();
    }

    [Fact]
    public async Task Keys_are_text_or_integers_or_guids()
    {
        await using var engine = await EngineHost.StartAsync();
        var guid = Guid.Parse("6c2b9a52-3c7a-4bd5-8f0e-2d5d3b1c9a10");
        (await engine.Client.GetGrain<ICountedGrain>(-7).Key()).ShouldBe(-7);
        (await engine.Client.GetGrain<ICountedGrain>(long.MaxValue).Key()).ShouldBe(long.MaxValue);
        (await engine.Client.GetGrain<IGuidGrain>(guid).Key()).ShouldBe(guid);
        (await engine.Client.GetGrain<IEchoGrain>("with/slash and ü").Echo("x")).ShouldBe("with/slash and ü: x");
    }

    [Fact]
    public async Task The_identity_is_the_class_name_without_grain_and_the_key()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<IEchoGrain>("a");
        (await grain.Describe()).ShouldBe("echo/a");
        grain.GetGrainId().ShouldBe(GrainId.Create("echo", "a"));
        (await engine.Client.GetGrain<IEchoGrain>(GrainId.Parse("echo/b")).Echo("x")).ShouldBe("b: x");
    }

    [Fact]
    public async Task References_to_one_grain_are_equal()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<IEchoGrain>("a");
        grain.ShouldBe(engine.Client.GetGrain<IEchoGrain>("a"));
        grain.GetHashCode().ShouldBe(engine.Client.GetGrain<IEchoGrain>("a").GetHashCode());
        grain.ShouldNotBe(engine.Client.GetGrain<IEchoGrain>("b"));
        (await grain.IsMe(grain)).ShouldBeTrue();
        (await grain.IsMe(engine.Client.GetGrain<IEchoGrain>("b"))).ShouldBeFalse();
    }
}
