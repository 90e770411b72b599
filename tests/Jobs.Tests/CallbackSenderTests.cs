using System.Collections.Concurrent;
using System.Net;
using Admission.Jobs.Running;
using Admission.Jobs.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Admission.Jobs.Tests;

public class CallbackSenderTests
{
    private const int Slow = 100;
    private const int Fast = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_slow_receiver_keeps_nobody_else_waiting_and_is_sent_few_at_once()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();

        // The slow one's are all due before the others, and more than are under way at once.
        foreach (var (host, count) in new[] { ("slow", Slow), ("fast", Fast) })
        {
            await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Make.AddAsync(store, Make.Job() with { Callback = $"https://{host}/jobs/" })));
            await Task.WhenAll((await Make.ClaimAsync(store, count)).Select(claim => Make.FinishAsync(store, claim, Make.Done())));
        }

        using var hooks = new Hooks();
        using var sender = new CallbackSender(store, new HttpMessageInvoker(hooks), TimeProvider.System, NullLogger<CallbackSender>.Instance);
        using var stop = new CancellationTokenSource();
        var sending = sender.RunAsync(_ => "a key of sixteen characters", stop.Token);
        await Until.TrueAsync(() => hooks.Told.Count(host => host == "fast") == Fast, TimeSpan.FromSeconds(5), () => $"{hooks.Told.Count} are told while the slow one does not answer.");
        hooks.Gate.SetResult();
        await Until.TrueAsync(() => hooks.Told.Count == Slow + Fast, Patience, () => $"Only {hooks.Told.Count} are told.");
        hooks.MostSlow.ShouldBe(4);
        await stop.CancelAsync();
        await sending.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_sender_that_stops_leaves_what_was_not_told_to_the_next()
    {
        await using var stores = new SqliteStores();
        var store = await stores.OpenAsync();
        await Make.AddAsync(store, Make.Job() with { Callback = "https://slow/jobs/" });
        await Make.FinishAsync(store, await Make.ClaimOneAsync(store), Make.Done());
        using var hooks = new Hooks();
        using (var sender = new CallbackSender(store, new HttpMessageInvoker(hooks), TimeProvider.System, NullLogger<CallbackSender>.Instance))
        using (var stop = new CancellationTokenSource())
        {
            var sending = sender.RunAsync(_ => "a key of sixteen characters", stop.Token);
            await Until.TrueAsync(() => hooks.MostSlow == 1, Patience, () => "Nothing is sent.");
            await stop.CancelAsync();
            await sending.WaitAsync(Patience);
        }

        hooks.Told.ShouldBeEmpty();
        await stores.PassAsync(TimeSpan.FromMinutes(2));
        (await store.ClaimCallbacksAsync(10, Make.Ttl, [], CancellationToken.None)).ShouldHaveSingleItem().Tries.ShouldBe(2);
    }

    /// <summary>Receivers: "slow" answers when the gate is open.</summary>
    private sealed class Hooks : HttpMessageHandler
    {
        private readonly Lock _gate = new();
        private int _slow;

        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<string> Told { get; } = [];

        public int MostSlow { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var host = request.RequestUri!.Host;
            if (host == "slow")
            {
                lock (_gate)
                {
                    MostSlow = Math.Max(MostSlow, ++_slow);
                }

                await Gate.Task.WaitAsync(cancellationToken);
                lock (_gate)
                {
                    _slow--;
                }
            }

            Told.Enqueue(host);
            return new HttpResponseMessage(HttpStatusCode.NoContent);
        }
    }
}
