using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Admission.Grains.Authority;

/// <summary>Renews the authority of all ledgers of this silo with one statement every <see cref="CapacityGrainOptions.AuthorityRenewal"/>.</summary>
/// <remarks>
/// <para>
/// One renewal at a time. A ledger that has just begun has authority from the write of its epoch, and is part of the next renewal. A renewal that fails
/// changes nothing: ledgers go on until the authority that they have runs out. It is tried again after 100 ms, then after twice as long each
/// time, up to the period.
/// </para>
/// <para>Registrations come and go on the grains' turns, the loop runs on its own: the set of them is locked, and nothing is awaited under the lock.</para>
/// </remarks>
public sealed partial class SiloAuthority : BackgroundService, IEpochAuthority
{
    private static readonly TimeSpan ShortestRetry = TimeSpan.FromMilliseconds(100);

    private readonly IAuthorityStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger<SiloAuthority> _logger;
    private readonly TimeSpan _ttl;
    private readonly TimeSpan _period;
    private readonly Lock _lock = new();
    private readonly HashSet<AuthorityRegistration> _registrations = [];
    private readonly long _startedAt;
    private AuthorityRenewed? _newest;
    private Failing? _failing;

    /// <summary>Creates it; one for each silo.</summary>
    /// <param name="store">The store that all silos share.</param>
    /// <param name="time">The clock, which must be the ledgers'.</param>
    /// <param name="options">The times.</param>
    /// <param name="logger">The log.</param>
    public SiloAuthority(IAuthorityStore store, TimeProvider time, IOptions<CapacityGrainOptions> options, ILogger<SiloAuthority> logger)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(options);
        _store = store;
        _time = time;
        _logger = logger;
        _ttl = options.Value.AuthorityTtl;
        _period = options.Value.AuthorityRenewal;
        _startedAt = time.GetTimestamp();
        options.Value.Metrics?.ShowAuthority(() => Age);
    }

    /// <inheritdoc/>
    public bool Renews => true;

    /// <summary>Whether the last renewal is young enough for ledgers to grant: for the silo's readiness. False before the first.</summary>
    public bool IsValid => Age is { } age && age < _ttl;

    /// <summary>How long ago the last successful renewal began; null before the first.</summary>
    public TimeSpan? Age => Volatile.Read(ref _newest) is { } newest ? _time.GetElapsedTime(newest.BeganAt) : null;

    /// <summary>Ledgers that are renewed.</summary>
    public int Ledgers
    {
        get
        {
            lock (_lock)
            {
                return _registrations.Count;
            }
        }
    }

    /// <inheritdoc/>
    public Task<long> NextEpochAsync(string backend, long recorded, CancellationToken cancellationToken) =>
        _store.ClaimAsync(backend, recorded, cancellationToken);

    /// <inheritdoc/>
    public AuthorityRegistration Register(string backend, long epoch)
    {
        var registration = new AuthorityRegistration(new LedgerClaim(backend, epoch), Forget);
        lock (_lock)
        {
            _registrations.Add(registration);
        }

        return registration;
    }

    /// <summary>Renews once, now. The loop does this; only tests call it.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the store has answered.</returns>
    internal async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        AuthorityRegistration[] ledgers;
        lock (_lock)
        {
            ledgers = [.. _registrations];
        }

        // Before the statement is sent: a successor that claims after it was executed counts from later.
        var beganAt = _time.GetTimestamp();
        try
        {
            var ours = await _store.RenewAsync([.. ledgers.Select(ledger => ledger.Claim)], _ttl, cancellationToken);
            Tell(ledgers, ours, beganAt);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            NoteFailure(exception, ledgers.Length);
            return false;
        }

        NoteSuccess(beganAt, ledgers.Length);
        return true;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var retry = ShortestRetry;
        while (!stoppingToken.IsCancellationRequested)
        {
            var rest = _period;
            if (await RenewAsync(stoppingToken))
            {
                retry = ShortestRetry;
            }
            else
            {
                rest = retry;
                retry = retry * 2 < _period ? retry * 2 : _period;
            }

            await Task.Delay(rest, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Tell(AuthorityRegistration[] ledgers, IReadOnlySet<LedgerClaim> ours, long beganAt)
    {
        foreach (var ledger in ledgers)
        {
            var stillOurs = ours.Contains(ledger.Claim);
            ledger.Put(new AuthorityRenewal(beganAt, stillOurs));
            if (!stillOurs)
            {
                Forget(ledger);
            }
        }
    }

    private void Forget(AuthorityRegistration registration)
    {
        lock (_lock)
        {
            _registrations.Remove(registration);
        }
    }

    /// <summary>Says when it begins to fail, and when the authority has run out; not each time.</summary>
    private void NoteFailure(Exception exception, int ledgers)
    {
        _failing ??= new Failing(_time.GetTimestamp());
        _failing.Attempts++;
        if (_failing.Attempts == 1)
        {
            var left = _ttl - (Age ?? _ttl);
            LogFailing(exception, ledgers, left > TimeSpan.Zero ? left : TimeSpan.Zero);
        }

        var age = Age ?? _time.GetElapsedTime(_startedAt);
        if (!_failing.HasRunOut && age >= _ttl)
        {
            _failing.HasRunOut = true;
            LogRunOut(ledgers, age);
        }
    }

    private void NoteSuccess(long beganAt, int ledgers)
    {
        Volatile.Write(ref _newest, new AuthorityRenewed(beganAt));
        if (_failing is { } failing)
        {
            _failing = null;
            LogRenewedAgain(ledgers, _time.GetElapsedTime(failing.Since), failing.Attempts);
        }
    }

    private sealed record AuthorityRenewed(long BeganAt);

    private sealed class Failing(long since)
    {
        public long Since { get; } = since;

        public int Attempts { get; set; }

        public bool HasRunOut { get; set; }
    }
}
