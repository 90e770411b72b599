using Admission.Capacity;
using Admission.Grains.Authority;
using Admission.Grains.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Storage;

namespace Admission.Grains;

/// <summary>The one authority over a backend's permits: carries messages between holders, ledger and storage, and computes nothing.</summary>
/// <remarks>
/// Reentrant: while a write is awaited, other reports are booked. The ledger is only ever called between awaits, so one call at a time, as it
/// asks for. At most one write is under way (<see cref="StoreAsync"/>); who needs a later one waits for it and starts the next.
/// A renewal of the authority comes from the silo's own loop: the grain takes it before it asks the ledger (<see cref="TakeRenewal"/>).
/// </remarks>
[Reentrant]
public sealed partial class CapacityGrain : Grain, ICapacityGrain
{
    /// <summary>The name of the storage provider that the grain uses.</summary>
    public const string StorageName = "admission";

    /// <summary>A report may have to wait for a confirmation, for a write that others began, and then for its own life's.</summary>
    private const int MostWrites = 3;

    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestStoreRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestStoreRetry = TimeSpan.FromMilliseconds(100);

    private readonly IPersistentState<LedgerState> _storage;
    private readonly IEpochAuthority _authority;
    private readonly TimeProvider _time;
    private readonly LedgerOptions _options;
    private readonly LedgerMetrics? _metrics;
    private readonly TimeSpan _longestRest;
    private readonly ILogger<CapacityGrain> _logger;
    private readonly ObserverTable _observers = new();
    private string _backend = "";
    private CapacityLedger _ledger = null!;
    private AuthorityRegistration? _registration;
    private LedgerRow? _row;
    private IGrainTimer? _timer;
    private Task? _store;
    private TimeSpan _storeRetry;
    private int _storeFailures;
    private long _alarmAt;
    private bool _retiring;

    /// <summary>Creates the grain; the engine does.</summary>
    /// <param name="storage">The ledger's record.</param>
    /// <param name="authority">Where the epoch comes from.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">The ledger's options.</param>
    /// <param name="logger">The log.</param>
    public CapacityGrain(
        [PersistentState("ledger", StorageName)] IPersistentState<LedgerState> storage,
        IEpochAuthority authority,
        TimeProvider time,
        IOptions<CapacityGrainOptions> options,
        ILogger<CapacityGrain> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _storage = storage;
        _authority = authority;
        _time = time;
        _options = options.Value.ToLedgerOptions();
        _metrics = options.Value.Metrics;
        _longestRest = authority.Renews ? options.Value.AuthorityRenewal : LongestRest;
        _logger = logger;
    }

    /// <summary>
    /// Claims the next epoch and writes it before anything else, in this order: from the claim on no older activation is renewed, from the write on none of
    /// their writes succeeds, and then the ledger begins to count.
    /// </summary>
    /// <param name="cancellationToken">Ends the activation.</param>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _backend = CapacityGrainKey.BackendOf(this.GetPrimaryKeyString());
        var found = _storage.State;
        var epoch = await _authority.NextEpochAsync(_backend, found.Epoch, cancellationToken);
        _storage.State = found.NextEpoch(epoch, _options.AuthorityTtl);
        var began = _time.GetTimestamp();
        await _storage.WriteStateAsync(cancellationToken);
        _ledger = new CapacityLedger(_storage.State, began, _time, _options, found.Handover);
        _registration = _authority.Register(_backend, epoch);
        LogActivated(_backend, _ledger.Epoch, found.Lives.Length, found.Handover is not null);
        _row = _metrics?.Add(_backend);
        _row?.Publish(_ledger);
        SetAlarm();
    }

    /// <summary>Leaves the whole ledger to the successor, so that it resumes at once.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">Ends the wait for storage.</param>
    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _retiring = true;
        _timer?.Dispose();
        _registration?.Dispose();
        _row?.Dispose();
        while (_store is { } writing)
        {
            await writing.WaitAsync(cancellationToken);
        }

        if (_ledger is null or { SteppedDown: true })
        {
            return;
        }

        _storage.State = _ledger.PrepareHandover();
        try
        {
            await _storage.WriteStateAsync(cancellationToken);
            LogHandedOver(_backend, _ledger.Epoch);
            Push(_ledger.TakeFarewells());
        }
        catch (InconsistentStateException exception)
        {
            LogSuperseded(exception, _backend, _ledger.Epoch);
        }
    }

    /// <inheritdoc/>
    public async Task<LedgerMessage> ExchangeAsync(HolderReport report, ICapacityObserver observer)
    {
        _observers.Set(report.Holder, observer, _ledger.HolderCount);
        TakeRenewal();
        var reply = _ledger.Receive(report);
        for (var writes = 0; writes < MostWrites && NeedsWriteFirst(reply) && (_store is not null || _ledger.StoreNeeded); writes++)
        {
            await StoreAsync();
            reply = _ledger.Receive(report);
        }

        AfterTurn();
        return reply;
    }

    /// <inheritdoc/>
    public async Task<PolicyAnswer> ApplyPolicyAsync(BackendPolicy policy)
    {
        var answer = _ledger.ApplyPolicy(policy, _time.GetUtcNow());
        for (var writes = 0; writes < 2 && answer.Errors.Length == 0 && (_ledger.PolicyPending || !policy.Matches(_ledger.Configured)); writes++)
        {
            await StoreAsync();
        }

        AfterTurn();
        if (answer.Errors.Length == 0 && (_ledger.PolicyPending || !policy.Matches(_ledger.Configured)))
        {
            throw new OrleansException($"The policy of backend '{_backend}' could not be stored yet; it will be, as soon as storage works.");
        }

        return answer;
    }

    /// <inheritdoc/>
    public Task<BackendDescription> DescribeAsync() => Task.FromResult(_ledger.Describe());

    /// <inheritdoc/>
    public Task<TicketExplanation> ExplainAsync(string ticket) => TicketId.TryParse(ticket, out var id)
        ? Task.FromResult(_ledger.Explain(id))
        : throw new ArgumentException($"'{ticket}' is no ticket: one has {TicketId.Length} characters of base64url.", nameof(ticket));

    /// <inheritdoc/>
    public Task<DecisionPage> DecisionsAsync(DecisionQuery query) => Task.FromResult(_ledger.Decisions(query));

    /// <inheritdoc/>
    public Task<TicketPosition[]> PlacesAsync(string holder, long[] tickets)
    {
        ArgumentNullException.ThrowIfNull(tickets);
        return tickets.Length <= ICapacityGrain.MostPlaces
            ? Task.FromResult(_ledger.Places(holder, tickets))
            : throw new ArgumentException($"{tickets.Length} tickets are asked for; at most {ICapacityGrain.MostPlaces} are possible.", nameof(tickets));
    }

    private static bool NeedsWriteFirst(LedgerMessage reply) => reply.Status is LedgerStatus.Registering or LedgerStatus.NoAuthority;

    private async Task OnTimerAsync(CancellationToken cancellation)
    {
        _timer?.Dispose();
        _timer = null;
        TakeRenewal();
        _ledger.Tick();
        if (_ledger.StoreNeeded)
        {
            await StoreAsync();
        }

        AfterTurn();
    }

    /// <summary>Gives the ledger what the silo has heard of its epoch since it was last asked.</summary>
    private void TakeRenewal()
    {
        if (_registration?.Take() is { } renewal)
        {
            _ledger.EndRenewal(renewal.BeganAt, renewal.StillOurs);
        }
    }

    /// <summary>Sends what is due, starts what has to be written, and sets the timer.</summary>
    private void AfterTurn()
    {
        Push(_ledger.TakePushes());
        Log(_ledger.TakeDestinationChanges());
        LogReclaimed();
        _row?.Publish(_ledger);
        if (!_retiring && _store is null && _ledger.StoreNeeded && _storeRetry == TimeSpan.Zero)
        {
            _ = StoreAsync();
        }

        if (_ledger.SteppedDown && !_retiring)
        {
            _retiring = true;
            _row?.Dispose();
            LogSteppedDown(_backend, _ledger.Epoch, _ledger.HighestEpochSeen);
            DeactivateOnIdle();
        }

        SetAlarm();
    }

    /// <summary>Makes sure that the timer fires when the ledger next has something to do. Too early does no harm.</summary>
    private void SetAlarm()
    {
        var rest = NextRest();
        var at = _time.GetTimestamp() + (long)(rest.TotalSeconds * _time.TimestampFrequency);
        if (_timer is not null && at >= _alarmAt)
        {
            return;
        }

        _timer?.Dispose();
        _alarmAt = at;
        _timer = _retiring ? null : this.RegisterGrainTimer(OnTimerAsync, new GrainTimerCreationOptions
        {
            DueTime = rest, Period = Timeout.InfiniteTimeSpan, Interleave = true,
        });
    }

    private TimeSpan NextRest()
    {
        var next = _ledger.StoreNeeded ? TimeSpan.Zero : _ledger.NextTick;
        if (next < _storeRetry)
        {
            next = _storeRetry;
        }

        return next > _longestRest ? _longestRest : next < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : next;
    }

    private void Push(IEnumerable<LedgerMessage> messages)
    {
        foreach (var message in messages)
        {
            if (_observers.Find(message.Holder) is { } observer)
            {
                _ = PushAsync(observer, message);
            }
        }
    }

    private async Task PushAsync(ICapacityObserver observer, LedgerMessage message)
    {
        try
        {
            await observer.PushAsync(message);
        }
        catch (Exception exception)
        {
            // Best effort: the next exchange carries the same again.
            LogPushFailed(exception, _backend, message.Holder);
        }
    }
}
