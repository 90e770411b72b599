using Orleans;

namespace Admission.Engine.Tests;

public interface INewsObserver : IGrainObserver
{
    void Tell(string news);

    [ResponseTimeout("00:00:01")]
    Task<int> Ask(string question);
}

public interface INewsGrain : IGrainWithStringKey
{
    Task Subscribe(INewsObserver observer);

    Task Publish(string news);

    Task<int> Ask(string question);
}

public sealed class NewsGrain : Grain, INewsGrain
{
    private readonly HashSet<INewsObserver> _observers = [];

    public Task Subscribe(INewsObserver observer)
    {
        _ = _observers.Add(observer);
        return Task.CompletedTask;
    }

    public Task Publish(string news)
    {
        foreach (var observer in _observers)
        {
            observer.Tell(news);
        }

        return Task.CompletedTask;
    }

    public Task<int> Ask(string question) => _observers.Single().Ask(question);
}

public sealed class ObserverTests
{
    private sealed class Reader(Signals signals, string name) : INewsObserver
    {
        public void Tell(string news)
        {
            signals.Note($"{name}: {news}");
            if (news == "bad")
            {
                throw new InvalidOperationException("as intended");
            }
        }

        public Task<int> Ask(string question) => Task.FromResult(question.Length);
    }

    [Fact]
    public async Task A_grain_can_notify_an_object_that_is_no_grain()
    {
        await using var engine = await EngineHost.StartAsync();
        var reader = new Reader(engine.Signals, "reader");
        var grain = engine.Client.GetGrain<INewsGrain>("g");
        await grain.Subscribe(engine.Client.CreateObjectReference<INewsObserver>(reader));
        await grain.Publish("hello");
        await engine.Signals.NotedAsync("reader: hello");
        GC.KeepAlive(reader);
    }

    [Fact]
    public async Task Notifications_arrive_in_their_order_and_a_failing_observer_hurts_nobody()
    {
        await using var engine = await EngineHost.StartAsync();
        var reader = new Reader(engine.Signals, "reader");
        var grain = engine.Client.GetGrain<INewsGrain>("g");
        await grain.Subscribe(engine.Client.CreateObjectReference<INewsObserver>(reader));
        foreach (var news in new[] { "1", "2", "bad", "3" })
        {
            await grain.Publish(news);
        }

        await engine.Signals.NotedAsync("reader: 3");
        engine.Signals.Log.ShouldBe(["reader: 1", "reader: 2", "reader: bad", "reader: 3"]);
        GC.KeepAlive(reader);
    }

    [Fact]
    public async Task A_grain_can_ask_an_observer()
    {
        await using var engine = await EngineHost.StartAsync();
        var reader = new Reader(engine.Signals, "reader");
        var grain = engine.Client.GetGrain<INewsGrain>("g");
        await grain.Subscribe(engine.Client.CreateObjectReference<INewsObserver>(reader));
        (await grain.Ask("how long?")).ShouldBe(9);
        GC.KeepAlive(reader);
    }

    [Fact]
    public async Task A_deleted_observer_hears_nothing_and_does_not_answer()
    {
        await using var engine = await EngineHost.StartAsync();
        var (gone, there) = (new Reader(engine.Signals, "gone"), new Reader(engine.Signals, "there"));
        var reference = engine.Client.CreateObjectReference<INewsObserver>(gone);
        var grain = engine.Client.GetGrain<INewsGrain>("g");
        await grain.Subscribe(reference);
        engine.Client.DeleteObjectReference<INewsObserver>(reference);
        _ = await Should.ThrowAsync<Exception>(() => grain.Ask("anybody?"));
        await grain.Subscribe(engine.Client.CreateObjectReference<INewsObserver>(there));
        await grain.Publish("hello");
        await engine.Signals.NotedAsync("there: hello");
        engine.Signals.Log.ShouldBe(["there: hello"]);
        GC.KeepAlive(gone);
        GC.KeepAlive(there);
    }

    [Fact]
    public async Task A_reference_is_the_same_observer_each_time_it_is_sent()
    {
        await using var engine = await EngineHost.StartAsync();
        var reader = new Reader(engine.Signals, "reader");
        var reference = engine.Client.CreateObjectReference<INewsObserver>(reader);
        var grain = engine.Client.GetGrain<INewsGrain>("g");
        await grain.Subscribe(reference);
        await grain.Subscribe(reference);
        await grain.Publish("hello");
        await grain.Publish("last");
        await engine.Signals.NotedAsync("reader: last");
        engine.Signals.Log.ShouldBe(["reader: hello", "reader: last"]);
        GC.KeepAlive(reader);
    }

    [Fact]
    public async Task Only_an_object_that_is_no_grain_becomes_an_observer()
    {
        await using var engine = await EngineHost.StartAsync();
        var reader = new Reader(engine.Signals, "reader");
        var reference = engine.Client.CreateObjectReference<INewsObserver>(reader);
        _ = Should.Throw<ArgumentException>(() => engine.Client.CreateObjectReference<INewsObserver>(reference));
        _ = Should.Throw<ArgumentException>(() => engine.Client.DeleteObjectReference<INewsObserver>(reader));
    }
}
