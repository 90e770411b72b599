using Orleans;

namespace Admission.Engine.Tests;

/// <summary>A client in front of a silo: what works within a process works over a connection.</summary>
public sealed class NetworkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Messages_arrive_with_every_member()
    {
        await using var network = await NetworkHost.StartAsync();
        var grain = network.Client.GetGrain<IPostGrain>("g");
        var sent = new Letter { From = "me", Lines = [new("a", 1)], Weight = Weight.Heavy, Numbers = [3, 4], Age = TimeSpan.FromSeconds(5), Fixed = [new("f", 9)] };
        sent.Enclosed["x"] = new Letter { From = "them" };
        sent.Hide(42);
        await grain.Keep(sent);
        var letter = await grain.Give();
        letter.From.ShouldBe("me");
        letter.Lines.ShouldBe([new("a", 1)]);
        letter.Enclosed["x"].From.ShouldBe("them");
        letter.Weight.ShouldBe(Weight.Heavy);
        letter.Numbers.ShouldBe([3, 4]);
        letter.Age.ShouldBe(TimeSpan.FromSeconds(5));
        letter.Fixed.ShouldBe([new("f", 9)]);
        letter.Hidden().ShouldBe(42);
        (await grain.Swap(new Card("hi", [1, 2]))).Text.ShouldBe("hi!");
        (await grain.Tuple(new List<string> { "a", "b" }, Guid.Empty)).ShouldBe((2, Guid.Empty.ToString("N")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_reaches_the_caller_with_its_type_and_message(bool atOnce)
    {
        await using var network = await NetworkHost.StartAsync();
        var thrown = await Should.ThrowAsync<InvalidOperationException>(() => network.Client.GetGrain<IFailureGrain>("g").Throw(atOnce));
        thrown.Message.ShouldBe("as intended");
    }

    [Fact]
    public async Task A_caller_stops_waiting_after_the_time_of_the_method()
    {
        await using var network = await NetworkHost.StartAsync();
        var grain = network.Client.GetGrain<IFailureGrain>("g");
        _ = await Should.ThrowAsync<TimeoutException>(() => grain.WaitBriefly("gate").WaitAsync(Patience));
        network.Signals.Open("gate");
    }

    [Fact]
    public async Task Cancelling_a_call_cancels_the_token_of_the_method()
    {
        await using var network = await NetworkHost.StartAsync();
        using var source = new CancellationTokenSource();
        var call = network.Client.GetGrain<IFailureGrain>("g").Wait("never", source.Token);
        await network.Signals.NotedAsync("begins");
        await source.CancelAsync();
        _ = await Should.ThrowAsync<OperationCanceledException>(() => call);
        await network.Signals.NotedAsync("cancelled");
    }

    [Fact]
    public async Task A_one_way_call_arrives_and_its_failure_is_nobodys()
    {
        await using var network = await NetworkHost.StartAsync();
        var grain = network.Client.GetGrain<IFailureGrain>("g");
        await grain.TellAndThrow("first");
        await grain.Tell("second");
        await network.Signals.NotedAsync("second");
        network.Signals.Log.ShouldBe(["first", "second"]);
    }

    [Fact]
    public async Task Grains_notify_and_ask_observers_of_the_client()
    {
        await using var network = await NetworkHost.StartAsync();
        var reader = new Reader();
        var grain = network.Client.GetGrain<INewsGrain>("g");
        var reference = network.Client.CreateObjectReference<INewsObserver>(reader);
        await grain.Subscribe(reference);
        foreach (var news in new[] { "1", "2", "3" })
        {
            await grain.Publish(news);
        }

        await reader.Signals.NotedAsync("3");
        reader.Signals.Log.ShouldBe(["1", "2", "3"]);
        (await grain.Ask("how long?")).ShouldBe(9);
        network.Client.DeleteObjectReference<INewsObserver>(reference);
        _ = await Should.ThrowAsync<TimeoutException>(() => grain.Ask("anybody?").WaitAsync(Patience));
        GC.KeepAlive(reader);
    }

    private sealed class Reader : INewsObserver
    {
        public Signals Signals { get; } = new();

        public void Tell(string news) => Signals.Note(news);

        public Task<int> Ask(string question) => Task.FromResult(question.Length);
    }
}
