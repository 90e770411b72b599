using System.Diagnostics.Metrics;
using Admission.Capacity;
using Admission.Grains.Authority;
using Admission.Grains.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;
using Orleans.TestKit;

namespace Admission.Grains.Tests;

/// <summary>The ledger's instruments: told by the process in which the grain lives, and only as long as it lives there.</summary>
public sealed class LedgerMetricsTests : TestKitBase, IDisposable
{
    private readonly StoreProbe _store = new();
    private readonly ManualTime _time = new();
    private readonly ICapacityObserver _observer = Substitute.For<ICapacityObserver>();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<(string Instrument, string Tags, double Value)> _measured = [];
    private readonly MeterListener _listener = new();
    private readonly LedgerMetrics _metrics;

    public LedgerMetricsTests()
    {
        var meters = _services.GetRequiredService<IMeterFactory>();
        _metrics = new LedgerMetrics(meters);
        Silo.AddService<TimeProvider>(_time);
        Silo.AddService<IEpochAuthority>(new RecordAuthority());
        Silo.AddService<ILogger<CapacityGrain>>(NullLogger<CapacityGrain>.Instance);
        Silo.AddService<IOptions<CapacityGrainOptions>>(Options.Create(new CapacityGrainOptions { Metrics = _metrics }));
        Silo.AddPersistentStateStorage("ledger", CapacityGrain.StorageName, _store);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    [Fact]
    public async Task A_ledger_is_shown_from_its_activation_until_it_leaves()
    {
        _store.Stored = new LedgerState { Epoch = 4, Policy = new BackendPolicy { Limit = 3, Overflow = Overflow.Wait, QueueCapacity = 5 }, PolicyVersion = 1 };
        var grain = await Silo.CreateGrainAsync<CapacityGrain>(CapacityGrainKey.Of("model"));
        Read("admission.ledger.limit").ShouldBe([("model", 3)]);
        Read("admission.ledger.epoch").ShouldBe([("model", 5)]);
        Read("admission.ledger.state").ShouldBe([("model granting", 1)]);

        await ReportAsync(grain, 1, epoch: 0);
        await ReportAsync(grain, 2, tickets: [1, 2, 3, 4]);
        Read("admission.ledger.permits").ShouldBe([("model in_use", 3), ("model idle", 0), ("model quarantined", 0)]);
        Read("admission.ledger.requests.waiting").ShouldBe([("model", 1)]);
        Read("admission.ledger.holders").ShouldBe([("model", 1)]);

        await Silo.DeactivateAsync(grain);
        Read("admission.ledger.limit").ShouldBeEmpty();
        Read("admission.ledger.permits").ShouldBeEmpty();
        Read("admission.ledger.state").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_ledger_that_has_a_successor_is_not_shown_any_more()
    {
        _store.Stored = new LedgerState { Policy = new BackendPolicy { Limit = 1 }, PolicyVersion = 1 };
        var grain = await Silo.CreateGrainAsync<CapacityGrain>(CapacityGrainKey.Of("model"));
        Read("admission.ledger.limit").ShouldNotBeEmpty();
        (await ReportAsync(grain, 1, epoch: 9)).Status.ShouldBe(LedgerStatus.NoAuthority);
        Read("admission.ledger.limit").ShouldBeEmpty();
    }

    [Fact]
    public async Task Destinations_that_fail_are_shown_as_closed_and_counted()
    {
        _store.Stored = new LedgerState
        {
            Policy = new BackendPolicy { Limit = 2, Destinations = [new DestinationLimit("one", 1), new DestinationLimit("two", 1)] }, PolicyVersion = 1,
        };
        var grain = await Silo.CreateGrainAsync<CapacityGrain>(CapacityGrainKey.Of("model"));
        await ReportAsync(grain, 1, epoch: 0);
        await ReportAsync(grain, 2);
        Read("admission.ledger.destination.open").ShouldBe([("model one", 1), ("model two", 1)]);
        Read("admission.ledger.destination.limit").ShouldBe([("model one", 1), ("model two", 1)]);
        Read("admission.ledger.ejections").ShouldBeEmpty();

        using var row = _metrics.Add("other")!;
        row.Count([new DestinationChange("one", DestinationCondition.InService, DestinationCondition.Withheld, TimeSpan.FromSeconds(1))]);
        row.Count([new DestinationChange("one", DestinationCondition.Trial, DestinationCondition.Withheld, TimeSpan.FromSeconds(2)), new DestinationChange("one", DestinationCondition.Withheld, DestinationCondition.Trial, default)]);
        Read("admission.ledger.ejections").ShouldBe([("other one", 2)]);
    }

    [Fact]
    public void What_is_decided_in_shadow_has_no_row_and_authority_is_shown_where_there_is_one()
    {
        _metrics.Add(CapacityGrainKey.ShadowOf("model")).ShouldBeNull();
        Read("admission.authority.age").ShouldBeEmpty();
        TimeSpan? age = null;
        _metrics.ShowAuthority(() => age);
        Read("admission.authority.age").ShouldBeEmpty("nothing was ever confirmed");
        age = TimeSpan.FromSeconds(2.5);
        Read("admission.authority.age").ShouldBe([("", 2.5)]);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    private Task<LedgerMessage> ReportAsync(CapacityGrain grain, long sequence, long epoch = -1, params long[] tickets) => grain.ExchangeAsync(
        new HolderReport
        {
            Holder = "a",
            Incarnation = 1,
            Epoch = epoch >= 0 ? epoch : _store.Stored.Epoch,
            Sequence = sequence,
            AppliedDecision = 0,
            Held = [],
            Tickets = [.. tickets.Select(ticket => new TicketRequest(ticket, 1, Priorities.Normal, null, TimeSpan.FromMinutes(1)))],
        },
        _observer);

    private List<(string Tags, double Value)> Read(string instrument)
    {
        _measured.Clear();
        _listener.RecordObservableInstruments();
        return [.. _measured.Where(each => each.Instrument == instrument).Select(each => (each.Tags, each.Value))];
    }

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _measured.Add((instrument.Name, string.Join(' ', tags.ToArray().Select(tag => tag.Value)), value));
}
