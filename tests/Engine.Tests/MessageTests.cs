using System.Collections.Immutable;
using Orleans;

namespace Admission.Engine.Tests;

[GenerateSerializer, Alias("engine-tests.weight")]
public enum Weight
{
    None,
    Light,
    Heavy,
}

[GenerateSerializer, Alias("engine-tests.line")]
public readonly record struct Line([property: Id(0)] string Text, [property: Id(1)] int Number);

[GenerateSerializer, Alias("engine-tests.base")]
public abstract class LetterBase
{
    [Id(0)]
    public string From { get; set; } = "";
}

[GenerateSerializer, Alias("engine-tests.letter")]
public sealed class Letter : LetterBase
{
    [Id(0)]
    public List<Line> Lines { get; set; } = [];

    [Id(1)]
    public Dictionary<string, Letter> Enclosed { get; set; } = [];

    [Id(2)]
    public Weight Weight { get; set; }

    [Id(3)]
    public int[]? Numbers { get; set; }

    [Id(4)]
    public TimeSpan? Age { get; set; }

    [Id(5)]
    public ImmutableArray<Line> Fixed { get; set; } = [];

    [Id(6)]
    private int _hidden;

    public void Hide(int value) => _hidden = value;

    public int Hidden() => _hidden;
}

[GenerateSerializer, Immutable, Alias("engine-tests.card")]
public sealed record Card([property: Id(0)] string Text, [property: Id(1)] ImmutableArray<int> Numbers);

public interface IPostGrain : IGrainWithStringKey
{
    Task Keep(Letter letter);

    Task<Letter> Give();

    Task Wrap();

    Task<Card> Swap(Card card);

    Task<(int Count, string? Text)> Tuple(IReadOnlyList<string> texts, Guid? id);
}

public sealed class PostGrain : Grain, IPostGrain
{
    private Letter? _kept;

    public Task Keep(Letter letter)
    {
        _kept = letter;
        return Task.CompletedTask;
    }

    public Task<Letter> Give() => Task.FromResult(_kept!);

    public Task Wrap()
    {
        _kept = new Letter { From = "a larger one", Enclosed = { ["a"] = _kept!, ["b"] = new Letter { Lines = [.. _kept!.Lines] } }, Lines = [.. _kept.Lines] };
        return Task.CompletedTask;
    }

    public Task<Card> Swap(Card card) => Task.FromResult(card with { Text = card.Text + "!" });

    public Task<(int Count, string? Text)> Tuple(IReadOnlyList<string> texts, Guid? id) => Task.FromResult((texts.Count, id?.ToString("N")));
}

public sealed class MessageTests
{
    private static Letter Sample()
    {
        var letter = new Letter
        {
            From = "me",
            Lines = [new("a", 1), new("b", 2)],
            Enclosed = { ["x"] = new Letter { From = "them", Numbers = [1, 2] } },
            Weight = Weight.Heavy,
            Numbers = [3, 4],
            Age = TimeSpan.FromSeconds(5),
            Fixed = [new("f", 9)],
        };
        letter.Hide(42);
        return letter;
    }

    [Fact]
    public async Task Every_member_with_an_id_arrives()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<IPostGrain>("g");
        await grain.Keep(Sample());
        var letter = await grain.Give();
        letter.From.ShouldBe("me");
        letter.Lines.ShouldBe([new("a", 1), new("b", 2)]);
        letter.Enclosed["x"].From.ShouldBe("them");
        letter.Enclosed["x"].Numbers.ShouldBe([1, 2]);
        letter.Weight.ShouldBe(Weight.Heavy);
        letter.Numbers.ShouldBe([3, 4]);
        letter.Age.ShouldBe(TimeSpan.FromSeconds(5));
        letter.Fixed.ShouldBe([new("f", 9)]);
        letter.Hidden().ShouldBe(42);
    }

    [Fact]
    public async Task Caller_and_grain_share_no_message_that_can_change()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<IPostGrain>("g");
        var sent = Sample();
        await grain.Keep(sent);
        sent.Lines.Clear();
        sent.Enclosed["x"].Numbers![0] = 100;
        var first = await grain.Give();
        first.Lines.Count.ShouldBe(2);
        first.Enclosed["x"].Numbers.ShouldBe([1, 2]);
        first.Lines.Clear();
        (await grain.Give()).Lines.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Immutable_messages_and_tuples_arrive_too()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<IPostGrain>("g");
        var card = await grain.Swap(new Card("hi", [1, 2]));
        card.Text.ShouldBe("hi!");
        card.Numbers.ShouldBe([1, 2]);
        (await grain.Tuple(new List<string> { "a", "b" }, Guid.Empty)).ShouldBe((2, Guid.Empty.ToString("N")));
        (await grain.Tuple(Array.Empty<string>(), null)).ShouldBe((0, null));
    }
}
