using Admission.Capacity;
using Admission.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Admission.Client;

/// <summary>
/// One backend in this process: its pool, and the loop that exchanges with its ledger.
/// </summary>
/// <remarks>
/// The loop is the only one that begins and ends exchanges, so at most one is in flight; what arrives meanwhile goes along with the next.
/// Requests, releases and pushes come from any thread: the pool has its own lock, and effects are carried out outside it.
/// </remarks>
internal sealed partial class BackendHolder : ICapacityObserver, IAsyncDisposable
{
    /// <summary>The pool is looked after at least so often, whatever it says, and at most so often.</summary>
    private static readonly TimeSpan LongestIdle = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestIdle = TimeSpan.FromMilliseconds(10);

    private static readonly PolicyAnswer NotDelivered = new(0, []);

    private readonly string _backend;
    private readonly string _holder;
    private readonly ICapacityGrain _grain;
    private readonly ICapacityObserver _observer;
    private readonly IGrainFactory _grains;
    private readonly AdmissionClientOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PermitPool _pool;
    private readonly LedgerOutage _outage;
    private readonly ClientMetrics _metrics;
    private readonly Signal _signal = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly Lock _alarmGate = new();
    private readonly ITimer _alarm;
    private readonly Task _loop;
    private volatile BackendPolicy _policy;

    /// <summary>The version of that policy, as far as the ledger has said; 0 for not. Of the loop, and of who changes the policy.</summary>
    private long _policyVersion;
    private volatile PolicyDelivery? _delivery;
    private TimeSpan _retry;
    private bool _disposed;

    public BackendHolder(
        string backend, string holder, BackendPolicy policy, IGrainFactory grains, AdmissionClientOptions options, TimeProvider time, ILogger logger, ClientMetrics metrics)
    {
        _backend = backend;
        _holder = holder;
        _policy = policy;
        _grains = grains;
        _grain = grains.GetGrain<ICapacityGrain>(CapacityGrainKey.Of(backend));
        _observer = grains.CreateObjectReference<ICapacityObserver>(this);
        _options = options;
        _time = time;
        _logger = logger;
        _metrics = metrics;
        _pool = new PermitPool(holder, 1, policy, time == TimeProvider.System ? new CoarseClock() : time, time);
        _outage = new LedgerOutage(backend, _pool, time, logger);
        _alarm = time.CreateTimer(static holder => ((BackendHolder)holder!).OnAlarm(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Handle = new AdmissionBackend(this);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The backend's id.</summary>
    public string Backend => _backend;

    public ICapacityGrain Grain => _grain;

    /// <summary>What those have in hand who ask often.</summary>
    public AdmissionBackend Handle { get; }

    /// <summary>What this process holds, and whether the ledger answers.</summary>
    public PoolState State => _pool.State;

    /// <summary>What one more request would meet, as far as is known here.</summary>
    public PoolReadiness Readiness => _pool.Readiness;

    /// <summary>What its pool has counted.</summary>
    public PoolTotals Totals => _pool.Totals;

    /// <summary>Puts a policy in force here, and delivers it to the ledger until that has taken it.</summary>
    /// <returns>The first answer; version 0 if the ledger could not be reached yet.</returns>
    public Task<PolicyAnswer> ApplyPolicyAsync(BackendPolicy policy)
    {
        var delivery = new PolicyDelivery(policy);
        _policy = policy;
        Volatile.Write(ref _policyVersion, 0);
        Interlocked.Exchange(ref _delivery, delivery)?.Answer(NotDelivered);
        if (_loop.IsCompleted)
        {
            delivery.Answer(NotDelivered);
        }

        Carry(_pool.ChangePolicy(policy));
        _signal.Set();
        return delivery.FirstAnswer;
    }

    public ValueTask<AdmissionOutcome> AcquireAsync(in AdmissionRequest request, CancellationToken cancellation, ITicketWatcher? watcher = null)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<AdmissionOutcome>(cancellation);
        }

        return TryAcquire(request, out var outcome) ? new ValueTask<AdmissionOutcome>(outcome) : AcquireSlowlyAsync(request, watcher, cancellation);
    }

    public bool TryAcquire(in AdmissionRequest request, out AdmissionOutcome outcome)
    {
        AdmissionOutcome.Begin(this, out outcome);
        return _pool.TryAcquire(request, out outcome.Result);
    }

    public void Release(in Permit permit, RunOutcome outcome) => Carry(_pool.Release(permit, outcome));

    public void ClientLeft(in Permit permit) => _pool.ClientLeft(permit);

    public void ClientAnswered(in Permit permit) => _pool.ClientAnswered(permit);

    public void RunTimedOut(in Permit permit) => _pool.RunTimedOut(permit);

    /// <summary>The answer for the caller of a request that has waited.</summary>
    /// <param name="waiter">The request.</param>
    /// <param name="result">What the pool or the ledger has decided.</param>
    /// <param name="started">When the request came.</param>
    /// <param name="span">Its wait in its trace; null for none.</param>
    public AdmissionOutcome Outcome(WaitingRequest waiter, in PoolResult result, long started, WaitSpan? span)
    {
        var waited = _time.GetElapsedTime(started);
        var outcome = result.Answer == PoolAnswer.Admitted ? MetricTags.Admitted : MetricTags.Refused;
        _metrics.Waited(_backend, _policy, waiter.Request.Priority, outcome, waited);
        span?.End(outcome, result.Refusal, waiter.Name, waited);
        return new(this, result, waited, waiter);
    }

    /// <summary>Gives a waiting request up; false if it was decided before.</summary>
    public bool GiveUp(WaitingRequest pending)
    {
        var effects = _pool.GiveUp(pending);
        Carry(effects);
        return effects.GaveUp;
    }

    /// <summary>Takes note of a request that was given up.</summary>
    public void GaveUp(WaitingRequest pending, long started, WaitSpan? span)
    {
        var waited = _time.GetElapsedTime(started);
        _metrics.Waited(_backend, _policy, pending.Request.Priority, MetricTags.GaveUp, waited);
        span?.End(MetricTags.GaveUp, refusal: null, pending.Name, waited);
    }

    /// <inheritdoc/>
    public Task PushAsync(LedgerMessage message)
    {
        Carry(_pool.Receive(message));
        if (message.SaturatedFor > TimeSpan.Zero)
        {
            // A notice refuses to its end, and that is the alarm's to see.
            SetAlarm();
        }

        return Task.CompletedTask;
    }

    /// <summary>Asks the ledger where requests of this holder stand.</summary>
    public Task<TicketPosition[]> PlacesAsync(long[] tickets) => _grain.PlacesAsync(_holder, tickets);

    /// <summary>Names a request that was refused at once, and remembers why.</summary>
    public TicketId Name(in AdmissionRequest request, Refusal refusal) => _pool.Name(request, refusal);

    /// <summary>Explains a request: the ledger knows those of all holders, the pool its own, also while the ledger does not answer.</summary>
    public async Task<TicketExplanation> ExplainAsync(TicketId ticket, CancellationToken cancellation)
    {
        var here = _pool.Explain(ticket);
        try
        {
            return TicketExplanation.Merge(await _grain.ExplainAsync(ticket.ToString()).WaitAsync(cancellation), here)!;
        }
        catch (Exception exception) when (here is not null && !cancellation.IsCancellationRequested)
        {
            LogExplainedHere(exception, _backend);
            return here;
        }
    }

    /// <summary>Refuses what is new, and gives every permit back as it is released.</summary>
    /// <param name="cancellation">Ends the wait for permits in use.</param>
    public async Task LeaveAsync(CancellationToken cancellation)
    {
        _leaving = true;
        Carry(_pool.Leave());
        _signal.Set();
        try
        {
            await _loop.WaitAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            LogLeftPermitsBehind(_backend, _pool.InUse);
        }
    }

    /// <summary>Stops at once. What waits is refused; permits that were not given back stay booked until lease and quarantine have run out.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            await _loop;
            return;
        }

        _leaving = true;
        Carry(_pool.Leave());
        await _stopped.CancelAsync();
        _signal.Set();
        await _loop;
        await _alarm.DisposeAsync();
        _grains.DeleteObjectReference<ICapacityObserver>(_observer);
    }

    private ValueTask<AdmissionOutcome> AcquireSlowlyAsync(in AdmissionRequest request, ITicketWatcher? watcher, CancellationToken cancellation) =>
        AcquireSlowly(request, watcher, out var outcome, cancellation) is { } pending ? pending.WaitAsync() : new ValueTask<AdmissionOutcome>(outcome);

    /// <summary>Asks for a permit that was not to be had at once.</summary>
    /// <returns>The request if it waits; null if the outcome says how it was decided.</returns>
    public PendingAdmission? AcquireSlowly(in AdmissionRequest request, ITicketWatcher? watcher, out AdmissionOutcome outcome, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        var pending = new PendingAdmission(this, WaitSpan.Begin(_backend, _policy, request.Priority, _time));
        var result = _pool.Acquire(request, pending, out var effects);
        Carry(effects);
        if (result.Answer != PoolAnswer.Waiting)
        {
            outcome = new AdmissionOutcome(this, result, _time.GetElapsedTime(started));
            return null;
        }

        outcome = default;
        SetAlarm();
        watcher?.Waits(pending);
        pending.GiveUpWith(cancellation);
        return pending;
    }

    /// <summary>Time passes in the pool whatever the loop waits for: deadlines end, a hung exchange is noticed, the lease runs out.</summary>
    private void OnAlarm()
    {
        Carry(_pool.Tick());
        _outage.Look();
        SetAlarm();
    }

    private void SetAlarm()
    {
        lock (_alarmGate)
        {
            var next = _pool.NextTick;
            _alarm.Change(next < ShortestIdle ? ShortestIdle : next > LongestIdle ? LongestIdle : next, Timeout.InfiniteTimeSpan);
        }
    }

    private void Carry(in PoolEffects effects)
    {
        if (effects.Decided is { } decided)
        {
            foreach (var (request, result) in decided)
            {
                request.Decided(result);
            }
        }

        if (effects.LostLife is { } life)
        {
            LogLeaseLost(_backend, life.Incarnation);
            if (_policy.OnLeaseLost == OnLeaseLost.Cancel)
            {
                _ = CancelInFlightAsync(life);
            }
        }

        if (effects.HasLeases)
        {
            TellLeases();
        }

        if (effects.WantsExchange)
        {
            _signal.Set();
        }
    }

    private async Task CancelInFlightAsync(HolderLife life)
    {
        try
        {
            await life.CancelInFlightAsync();
        }
        catch (AggregateException exception)
        {
            LogCancellationFailed(exception, _backend);
        }
    }

    /// <summary>A policy on its way to the ledger.</summary>
    private sealed class PolicyDelivery(BackendPolicy policy)
    {
        private readonly TaskCompletionSource<PolicyAnswer> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public BackendPolicy Policy { get; } = policy;

        public Task<PolicyAnswer> FirstAnswer => _first.Task;

        public void Answer(PolicyAnswer answer) => _first.TrySetResult(answer);
    }
}
