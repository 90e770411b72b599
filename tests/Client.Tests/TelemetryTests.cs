using System.Diagnostics;
using System.Diagnostics.Metrics;
using Admission.Capacity;
using Admission.Client.Telemetry;

namespace Admission.Client.Tests;

/// <summary>What a client tells of itself, through instruments and spans.</summary>
public sealed class TelemetryTests
{
    private static readonly BackendPolicy Wait = new() { Limit = 1, Overflow = Overflow.Wait, QueueCapacity = 10, MaxWait = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task Instruments_tell_what_became_of_requests_and_how_long_they_waited()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await cluster.ClientAsync("Model", Wait);
        using var reader = new MeterReader(cluster);
        var held = await client.AcquireAsync("model");
        var waits = client.AcquireAsync("model", new AdmissionRequest { Priority = Priorities.Background }).AsTask();
        using var leaving = new CancellationTokenSource();
        var leaves = client.AcquireAsync("model", new AdmissionRequest { Priority = 50 }, leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => leaves);
        (await client.AcquireAsync("model", new AdmissionRequest { MaxWait = TimeSpan.Zero })).IsAdmitted.ShouldBeFalse();

        reader.Read("admission.holder.permits").ShouldBe([("model in_use", 1), ("model idle", 0)], ignoreOrder: true);
        reader.Read("admission.holder.requests.waiting").ShouldBe([("model", 1)]);
        held.Permit.Dispose();
        (await waits.WaitAsync(TimeSpan.FromSeconds(20))).Permit.Dispose();

        var requests = reader.Read("admission.requests").Where(each => each.Value > 0).ToDictionary(each => each.Tags, each => each.Value);
        (requests.GetValueOrDefault("model admitted") + requests["model admitted_after_wait"]).ShouldBe(2);
        requests["model gave_up"].ShouldBe(1);
        requests["model refused wait-expired"].ShouldBe(1);
        reader.Read("admission.wait.duration").Select(each => each.Tags).ShouldBeSubsetOf(["model admitted background", "model admitted normal", "model gave_up other"]);
        reader.Read("admission.wait.duration").Select(each => each.Tags).ShouldContain("model admitted background");
        reader.Read("admission.exchange.duration").ShouldContain(each => each.Tags == "model answered");
        reader.Read("admission.holder.leases.lost").ShouldBe([("model", 0)]);
        reader.Read("admission.shadow.requests").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_policy_in_shadow_is_told_apart_and_nothing_of_it_counts_as_real()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await cluster.ClientAsync("model", Wait);
        using var reader = new MeterReader(cluster);
        (await client.ConfigureShadowAsync("model", new BackendPolicy { Limit = 5 })).Errors.ShouldBeEmpty();
        client.ShadowOf("model")!.Malformed();

        reader.Read("admission.shadow.requests").ShouldContain(("model malformed", 1));
        reader.Read("admission.holder.permits").Select(each => each.Tags).ShouldBe(["model in_use", "model idle"]);
        client.RemoveShadow("model");
        reader.Read("admission.shadow.requests").ShouldBeEmpty();
        client.Remove("model");
        reader.Read("admission.requests").ShouldBeEmpty("a backend that is gone leaves no rows");
    }

    [Fact]
    public async Task A_wait_is_a_span_in_the_trace_of_its_request_and_of_nobody_else()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await cluster.ClientAsync("traced", Wait);
        using var spans = new SpanCollector();
        using var source = new ActivitySource("Admission.Client.Tests.Requests");
        using var own = new ActivityListener { ShouldListenTo = each => each == source, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(own);

        var held = await client.AcquireAsync("traced");
        Task<AdmissionOutcome> waiting;
        ActivityTraceId trace;
        using (var request = source.StartActivity("request"))
        {
            trace = request!.TraceId;
            waiting = client.AcquireAsync("traced", new AdmissionRequest { Priority = Priorities.Critical }).AsTask();
            Activity.Current.ShouldBe(request);
        }

        using (var other = source.StartActivity("another request, whose end lets the first go on"))
        {
            held.Permit.Dispose();
            Activity.Current.ShouldBe(other);
        }

        var outcome = await waiting.WaitAsync(TimeSpan.FromSeconds(20));
        outcome.Permit.Dispose();
        var span = spans.Of("traced").Where(each => each.TraceId == trace).ShouldHaveSingleItem();
        span.DisplayName.ShouldBe("admission.wait");
        span.GetTagItem("admission.priority").ShouldBe("critical");
        span.GetTagItem("admission.outcome").ShouldBe("admitted");
        span.Duration.ShouldBe(outcome.Waited, TimeSpan.FromMilliseconds(1));
        span.Status.ShouldBe(ActivityStatusCode.Unset);
        Activity.Current.ShouldBeNull();
    }

    [Fact]
    public async Task A_refusal_after_a_wait_says_why_and_by_which_ticket()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await cluster.ClientAsync("refused", Wait);
        using var spans = new SpanCollector();
        var held = await client.AcquireAsync("refused");
        var request = new AdmissionRequest { MaxWait = TimeSpan.FromMilliseconds(30) };
        var outcome = await client.AcquireAsync("refused", request);
        outcome.IsAdmitted.ShouldBeFalse();
        held.Permit.Dispose();

        var span = spans.Of("refused").Last();
        span.GetTagItem("admission.outcome").ShouldBe("refused");
        span.GetTagItem("admission.reason").ShouldBe(MetricTags.ReasonOf(outcome.Refusal!.Reason));
        span.GetTagItem("admission.ticket").ShouldBe(outcome.NameTicket(request).ToString());
        span.Status.ShouldBe(ActivityStatusCode.Error);
    }

    [Fact]
    public async Task Who_is_admitted_at_once_allocates_nothing_and_leaves_no_span_while_everybody_listens()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await cluster.ClientAsync("hot", new BackendPolicy { Limit = 100 });
        using var reader = new MeterReader(cluster);
        using var spans = new SpanCollector();
        (await client.AcquireAsync("hot")).Permit.Dispose();
        var backend = client.Find("hot")!;
        await Testing.Until.TrueAsync(() => client.StateOf("hot")!.Value.Held > 0, TimeSpan.FromSeconds(20), () => "No idle permit.");
        for (var i = 0; i < 1000; i++)
        {
            Once();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            Once();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000, "not one object for each");
        reader.Read("admission.requests").Single(each => each.Tags == "hot admitted").Value.ShouldBeGreaterThanOrEqualTo(11_000);
        spans.Of("hot").Count().ShouldBeLessThanOrEqualTo(1);

        void Once()
        {
            backend.TryAcquire(default, out var outcome).ShouldBeTrue();
            outcome.Permit.Release(RunOutcome.Served);
        }
    }

    [Fact]
    public void Reasons_are_the_words_of_answers()
    {
        MetricTags.ReasonOf(RefusalReason.QueueFull).ShouldBe("queue-full");
        MetricTags.ReasonOf(RefusalReason.TooLate).ShouldBe("too-late");
        MetricTags.ReasonOf((RefusalReason)99).ShouldBe("other");
        MetricTags.PriorityOf(Wait, 7).ShouldBe("other");
        MetricTags.PriorityOf(Wait with { Order = new QueueOrder { Levels = [new QueueLevel("gold", 7, 0)] } }, 7).ShouldBe("gold");
    }

    /// <summary>Collects the spans of waits.</summary>
    private sealed class SpanCollector : IDisposable
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<Activity> _ended = new();
        private readonly ActivityListener _listener;

        public SpanCollector()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == AdmissionTelemetry.ActivitySource,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = _ended.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public IEnumerable<Activity> Of(string backend) => _ended.Where(span => Equals(span.GetTagItem("admission.backend"), backend));

        public void Dispose() => _listener.Dispose();
    }

    /// <summary>Reads the instruments of the clients of one host.</summary>
    private sealed class MeterReader : IDisposable
    {
        private readonly Lock _gate = new();
        private readonly List<(string Instrument, string Tags, double Value)> _measured = [];
        private readonly MeterListener _listener = new();

        public MeterReader(TestCluster cluster)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == ClientMetrics.MeterName && ReferenceEquals(instrument.Meter.Scope, cluster.Meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
            _listener.Start();
        }

        public IReadOnlyList<(string Tags, double Value)> Read(string instrument)
        {
            lock (_gate)
            {
                _measured.RemoveAll(each => each.Instrument == instrument && !instrument.EndsWith("duration", StringComparison.Ordinal));
            }

            _listener.RecordObservableInstruments();
            lock (_gate)
            {
                return [.. _measured.Where(each => each.Instrument == instrument).Select(each => (each.Tags, each.Value))];
            }
        }

        public void Dispose() => _listener.Dispose();

        private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var words = string.Join(' ', tags.ToArray().Select(tag => tag.Value));
            lock (_gate)
            {
                _measured.Add((instrument.Name, words, value));
            }
        }
    }
}
