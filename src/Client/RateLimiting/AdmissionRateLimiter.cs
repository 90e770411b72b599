using System.Threading.RateLimiting;
using Admission.Capacity;
using Admission.Client.Telemetry;

namespace Admission.Client.RateLimiting;

/// <summary>
/// The framework's rate limiter over a backend's permits: in place of a <see cref="ConcurrencyLimiter"/>, whose limit is this process's, it has the limit of the whole cluster. Thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// A permit that lies idle in this process is taken in memory, without a message; otherwise <see cref="RateLimiter.AcquireAsync"/> asks the backend's ledger, where requests of all processes wait in one queue.
/// <see cref="RateLimiter.AttemptAcquire"/> never waits, so it knows only the permits of this process: where it finds none, the limiter asks for some soon, and a later attempt finds them.
/// </para>
/// <para>
/// docs/client.md lists what it keeps of the framework's rules, line by line, each with a test that runs over both limiters, and where a limit of a cluster makes one impossible.
/// Several limiters of one backend in one process share its permits. Disposing one ends its waits; what it has lent out goes back as it is disposed.
/// </para>
/// </remarks>
public sealed class AdmissionRateLimiter : RateLimiter
{
    /// <summary>After an attempt in vain, the limiter asks for permits unless a caller does so before.</summary>
    private static readonly TimeSpan FetchAfter = TimeSpan.FromMilliseconds(10);

    private readonly AdmissionClient _client;
    private readonly string _backend;
    private readonly TimeSpan _answerWithin;
    private readonly AdmissionRequest _request;
    private readonly LimiterQueue _queue;
    private readonly ITimer _fetcher;

    // Read whenever the last permit comes back, which may be for every request: some milliseconds do not matter.
    private readonly TimeProvider _idleTime;
    private volatile LimiterBackend? _bound;
    private volatile RefusedLease? _lastRefusal;
    private long _idleSince;

    // Every lease is counted when it is lent and when it comes back, and what is in use is the difference: two counts for each, not three.
    private long _lent;
    private long _returned;
    private long _toldOfRoom;
    private long _failed;
    private int _wanted;
    private volatile bool _disposed;

    /// <summary>Creates a limiter.</summary>
    /// <param name="client">This process's client.</param>
    /// <param name="backend">The backend's id. It may be configured later; until then everything is refused with <see cref="RefusalReason.UnknownBackend"/>.</param>
    /// <param name="options">The settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is not possible; all mistakes are listed.</exception>
    public AdmissionRateLimiter(AdmissionClient client, string backend, AdmissionRateLimiterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(backend);
        options ??= new AdmissionRateLimiterOptions();
        if (options.Mistakes() is { Count: > 0 } mistakes)
        {
            throw new ArgumentException(string.Join(" ", mistakes), nameof(options));
        }

        _client = client;
        _backend = backend;
        _answerWithin = options.AnswerWithin;
        _request = new AdmissionRequest { Priority = options.Priority, Tenant = options.Tenant, MaxWait = options.MaxWait };
        _queue = new LimiterQueue(options.QueueLimit ?? int.MaxValue, options.QueueProcessingOrder);
        _idleTime = client.Time == TimeProvider.System ? new CoarseClock() : client.Time;
        _idleSince = _idleTime.GetTimestamp();
        _fetcher = client.Time.CreateTimer(static limiter => ((AdmissionRateLimiter)limiter!).Fetch(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How long nobody has had a permit of this limiter, or waited for one; null while somebody does.</summary>
    public override TimeSpan? IdleDuration =>
        IsLent || !_queue.IsEmpty ? null : _idleTime.GetElapsedTime(Volatile.Read(ref _idleSince));

    /// <summary>
    /// Counts. Available permits are an estimate from what this process knows: those of the cluster, less what is in use, when the ledger last said so. Queued are those of this limiter.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The limiter was disposed.</exception>
    public override RateLimiterStatistics GetStatistics()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new RateLimiterStatistics
        {
            CurrentAvailablePermits = Find()?.Holder.Available ?? 0,
            CurrentQueuedCount = _queue.Permits,
            TotalFailedLeases = Volatile.Read(ref _failed),
            TotalSuccessfulLeases = Volatile.Read(ref _lent) + Volatile.Read(ref _toldOfRoom),
        };
    }

    /// <summary>What has come back is read first: it is never ahead of what was lent.</summary>
    private bool IsLent => Volatile.Read(ref _returned) != Volatile.Read(ref _lent);

    /// <summary>Permits are with a caller.</summary>
    internal void Took() => Interlocked.Increment(ref _lent);

    /// <summary>A caller has given permits back.</summary>
    internal void Gave()
    {
        if (Interlocked.Increment(ref _returned) == Volatile.Read(ref _lent))
        {
            Volatile.Write(ref _idleSince, _idleTime.GetTimestamp());
        }
    }

    /// <summary>A ticket was decided.</summary>
    internal void Decided(LimiterTicket ticket, in PoolResult result)
    {
        if (result.Answer == PoolAnswer.Admitted)
        {
            Serve(ticket, result);
        }
        else if (_queue.Refuse(ticket) is { } refused)
        {
            // Asking was all that it was let in for.
            refused.End(refused.IsAsking && result.Refusal!.Reason == RefusalReason.WaitExpired ? Fail(RefusedLease.QueueLimit) : Refuse(result.Refusal!));
        }
    }

    /// <inheritdoc/>
    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Decide(permitCount, out var backend) ?? Fetching(backend!, permitCount);
    }

    /// <inheritdoc/>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Decide(permitCount, out var backend) is { } lease ? new ValueTask<RateLimitLease>(lease) : WaitAsync(backend!, permitCount, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing || _disposed)
        {
            return;
        }

        _disposed = true;
        _fetcher.Dispose();
        foreach (var waiter in _queue.Close())
        {
            waiter.Ticket.GiveUp();
            waiter.End(Fail(RefusedLease.Disposed));
        }
    }

    /// <inheritdoc/>
    protected override ValueTask DisposeAsyncCore()
    {
        Dispose(disposing: true);
        return default;
    }

    /// <summary>Decides in memory; null if the ledger has to be asked, or, for no permits, if there is no room.</summary>
    private RateLimitLease? Decide(int permits, out LimiterBackend? backend)
    {
        backend = Find();
        if (backend is null)
        {
            return Refuse(AdmissionClient.UnknownBackend);
        }

        if (permits == 0)
        {
            return backend.Holder.Available > 0 && backend.Holder.Readiness.IsReady ? Succeed() : null;
        }

        // Of one permit it is never said: a limit of 0 is a pause, and refuses.
        if (permits > 1 && backend.Holder.LargestGrant is > 0 and var largest && permits > largest)
        {
            throw new ArgumentOutOfRangeException(nameof(permits), permits, $"{permits} permits exceed what one request of the backend '{_backend}' can ever get, {largest}.");
        }

        // A copy of what was just written costs more than to decide it, and nearly everybody asks for one.
        var isDecided = permits == 1 ? backend.Holder.TryDecide(_request, out var result) : backend.Holder.TryDecide(_request with { Weight = permits }, out result);
        return !isDecided ? null : result.Answer == PoolAnswer.Admitted ? backend.Admit(result) : Refuse(result.Refusal!);
    }

    private ValueTask<RateLimitLease> WaitAsync(LimiterBackend backend, int permits, CancellationToken cancellation)
    {
        // Whoever asks spares the limiter to ask by itself.
        Volatile.Write(ref _wanted, 0);
        var ticket = Ticket(backend, Math.Max(1, permits));
        var waiter = new LeaseWaiter(_queue, permits) { Ticket = ticket };
        ticket.Waiter = waiter;
        if (!_queue.TryEnter(waiter, out var displaced))
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new ValueTask<RateLimitLease>(Fail(RefusedLease.QueueLimit));
        }

        displaced?.ForEach(oldest =>
        {
            oldest.Ticket.GiveUp();
            oldest.End(Fail(RefusedLease.Displaced));
        });
        Ask(ticket, waiter.IsAsking);
        if (!_queue.IsWaitedFor(ticket))
        {
            // Other permits came for the caller before its ticket was asked for, when there was nothing to give up yet. If the ticket itself was decided, there is nothing to give up any more.
            ticket.GiveUp();
        }

        return waiter.WaitAsync(cancellation);
    }

    private LimiterTicket Ticket(LimiterBackend backend, int weight) => new(backend, weight, _client.Time.GetTimestamp(), backend.Holder.BeginWait(_request.Priority));

    private void Ask(LimiterTicket ticket, bool briefly)
    {
        var patience = !briefly ? _request.MaxWait : _request.MaxWait < _answerWithin ? _request.MaxWait : _answerWithin;
        var result = ticket.Backend.Holder.Ask(_request with { Weight = ticket.Weight, MaxWait = patience }, ticket);
        if (result.Answer != PoolAnswer.Waiting)
        {
            Decided(ticket, result);
        }
    }

    private void Serve(LimiterTicket ticket, in PoolResult admitted)
    {
        var waiter = _queue.Serve(ticket, out var spare);
        spare?.GiveUp();
        if (waiter is { Permits: > 0 })
        {
            waiter.End(ticket.Backend.Admit(admitted));
            return;
        }

        // Nobody waits any more, or somebody who only wanted to know: the permits stay here for the next, as far as the ledger allows. No work was done with them, so no time of work is to be learned from them.
        ticket.Backend.Holder.Release(admitted.Permit, RunOutcome.Unknown);
        waiter?.End(Succeed());
    }

    /// <summary>An attempt has found no permit here: some are asked for, unless the caller does so now.</summary>
    private RefusedLease Fetching(LimiterBackend backend, int permits)
    {
        if (_queue.IsEmpty && backend.Holder.LargestGrant > 0 && Interlocked.CompareExchange(ref _wanted, Math.Max(1, permits), 0) == 0)
        {
            _fetcher.Change(FetchAfter, Timeout.InfiniteTimeSpan);
        }

        return Fail(RefusedLease.NoneHere);
    }

    private void Fetch()
    {
        if (Interlocked.Exchange(ref _wanted, 0) is > 0 and var permits && !_disposed && Find() is { } backend)
        {
            Ask(Ticket(backend, permits), briefly: true);
        }
    }

    /// <summary>The holder of the backend; another one after it was removed and configured again.</summary>
    private LimiterBackend? Find()
    {
        var bound = _bound;
        if (bound is { Holder.IsLeaving: false })
        {
            return bound;
        }

        var holder = _client.HolderOf(_backend);
        if (holder is null || ReferenceEquals(holder, bound?.Holder))
        {
            return holder is null ? null : bound;
        }

        return _bound = new LimiterBackend(this, holder);
    }

    private UncountedLease Succeed()
    {
        Interlocked.Increment(ref _toldOfRoom);
        return UncountedLease.Instance;
    }

    private RefusedLease Fail(RefusedLease lease)
    {
        Interlocked.Increment(ref _failed);
        return lease;
    }

    /// <summary>A storm is refused with one and the same refusal: then with one and the same lease.</summary>
    private RefusedLease Refuse(Refusal refusal)
    {
        var last = _lastRefusal;
        if (!ReferenceEquals(last?.Refusal, refusal))
        {
            _lastRefusal = last = RefusedLease.Of(refusal);
        }

        return Fail(last!);
    }
}
