using Admission.Capacity;

namespace Admission.Client;

/// <summary>
/// A policy that is decided but not enforced: it is asked for a permit with every request of its backend, and what it would have done is counted.
/// </summary>
/// <remarks>
/// <para>
/// The permits are those of a ledger of their own (<see cref="CapacityGrainKey.ShadowOf"/>), so the policy is decided by what would enforce it, over all gateways. A request never waits for
/// that: it is granted in shadow at once or later, and holds its shadow permit for as long as it runs itself, from the instant of the grant: one that would have waited 2 s and runs 3 s
/// leaves the shadow 5 s after it came.
/// </para>
/// <para>
/// How long a request runs is not known where it does not run when it would have: it was refused by the policy that is enforced, or waits for it still. Then it is one of the last runs that were measured,
/// which is counted as <see cref="ShadowTotals.AssumedRuns"/>. One that begins to run within a tenth of that is measured all the same, so that a round trip to the ledger does not count as a wait.
/// </para>
/// <para>
/// Bounded: at most <see cref="MostFollowed"/> requests are followed at once, each with at most one timer, and none for longer than the policy's MaxWait and RunTimeout together; what is beyond counts as
/// unknown. A ledger that is silent counts as unknown too.
/// </para>
/// <para>Thread-safe. One lock guards everything; the pool is only called outside it, and permits are never released by the pool's own call.</para>
/// </remarks>
public sealed partial class ShadowBackend
{
    /// <summary>The most requests that are followed at once.</summary>
    public const int MostFollowed = 100_000;

    /// <summary>A ticket that was granted sooner, and has not been told a place in the queue, waited for the answer and not for a permit. Detached, a pool serves who waits without such a word.</summary>
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(1);

    /// <summary>A run that is over already ends so soon: not within the call that grants it, in which others are granted theirs.</summary>
    private static readonly TimeSpan ShortestRun = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly IShadowPool _pool;
    private readonly TimeProvider _time;
    private readonly ITimer _cutter;
    private readonly HashSet<ShadowRequest> _followed = [];
    private readonly LinkedList<ShadowRequest> _running = new();
    private readonly RecentRuns _runs = new();
    private BackendPolicy _policy;
    private ShadowTally _tally;
    private long? _reported;
    private bool _stopped;

    internal ShadowBackend(IShadowPool pool, BackendPolicy policy, TimeProvider time)
    {
        _pool = pool;
        _policy = policy;
        _time = time;
        _tally = new ShadowTally(time);
        _cutter = time.CreateTimer(static shadow => ((ShadowBackend)shadow!).CutOff(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What this process has counted since it took the present policy up.</summary>
    public ShadowTotals Totals
    {
        get
        {
            lock (_gate)
            {
                return _tally.Totals;
            }
        }
    }

    /// <summary>Requests that are followed at present.</summary>
    internal int Followed
    {
        get
        {
            lock (_gate)
            {
                return _followed.Count;
            }
        }
    }

    /// <summary>Asks the policy what it would do with a request. Returns at once.</summary>
    /// <param name="request">What the request asks.</param>
    /// <param name="waits">The request itself waits at present, for the policy that is enforced.</param>
    /// <param name="clientGone">The request's client has left.</param>
    /// <returns>What to tell of the request's run; null if it is not followed.</returns>
    public ShadowRequest? Begin(in AdmissionRequest request, bool waits, CancellationToken clientGone)
    {
        ShadowRequest follower;
        lock (_gate)
        {
            if (_stopped)
            {
                return null;
            }

            _tally.Begin();
            if (_followed.Count >= MostFollowed)
            {
                _tally.Unknown();
                return null;
            }

            follower = new ShadowRequest(this, _tally, _time.GetTimestamp()) { Real = waits ? ShadowRequest.RealRun.Waits : ShadowRequest.RealRun.Imminent };
            _followed.Add(follower);
        }

        var result = _pool.Ask(request, follower);
        if (result.Answer != PoolAnswer.Waiting)
        {
            Decided(follower, result, atOnce: true);
        }

        follower.Watch(clientGone);
        return follower;
    }

    /// <summary>A request says something of itself that is not understood: a gateway that enforces would have answered it with 400.</summary>
    public void Malformed()
    {
        lock (_gate)
        {
            _tally.Begin();
            _tally.Malformed();
        }
    }

    /// <summary>Counts anew, for another policy. What runs goes on to run.</summary>
    internal void Change(BackendPolicy policy)
    {
        lock (_gate)
        {
            if (!policy.Matches(_policy))
            {
                _policy = policy;
                _tally = new ShadowTally(_time);
                _reported = null;
            }
        }

        CutOff();
    }

    /// <summary>Follows nobody any more, and gives everything back.</summary>
    internal void Stop()
    {
        List<ShadowRequest> waiting;
        List<Permit> running;
        lock (_gate)
        {
            _stopped = true;
            waiting = [.. _followed.Where(request => request.State == ShadowRequest.ShadowRun.Waits)];
            running = [.. _running.Select(request => request.Permit)];
            foreach (var request in waiting)
            {
                request.Tally.Unknown();
            }

            foreach (var request in _followed.ToArray())
            {
                Forget(request);
            }
        }

        _cutter.Dispose();

        // The waiting ones first, so that nobody is granted what comes back.
        waiting.ForEach(request => _pool.GiveUp(request));
        running.ForEach(permit => _pool.Release(permit, RunOutcome.Served));
    }

    /// <summary>The totals for the ledger; null if it had them less than a second ago.</summary>
    internal ShadowTotals? TakeReport()
    {
        lock (_gate)
        {
            if (_reported is { } last && _time.GetElapsedTime(last) < BetweenReports)
            {
                return null;
            }

            _reported = _time.GetTimestamp();
            return _tally.Totals;
        }
    }

    /// <summary>The ledger has not booked the report that had the totals: they go along with the next.</summary>
    internal void ReportLost()
    {
        lock (_gate)
        {
            _reported = null;
        }
    }

    internal void RunBegan(ShadowRequest request)
    {
        lock (_gate)
        {
            if (request.Real is not (ShadowRequest.RealRun.Imminent or ShadowRequest.RealRun.Waits))
            {
                return;
            }

            request.Real = ShadowRequest.RealRun.Runs;
            request.RealBegan = _time.GetTimestamp();
            if (request is { State: ShadowRequest.ShadowRun.Runs, Assumed: { } assumed } && _time.GetElapsedTime(request.Granted, request.RealBegan) <= assumed / 10)
            {
                request.Tally.KnowRun();
                request.Assumed = null;
                request.End?.Dispose();
                request.End = null;
            }
        }
    }

    internal void RunEnded(ShadowRequest request, bool whole)
    {
        lock (_gate)
        {
            if (request.Real != ShadowRequest.RealRun.Runs)
            {
                return;
            }

            var run = _time.GetElapsedTime(request.RealBegan);
            if (whole)
            {
                _runs.Add(run);
            }
            else if (!_policy.StopsWhenAbandoned && _runs.Draw() is { } longer && longer > run)
            {
                run = longer;
            }

            request.Real = ShadowRequest.RealRun.Ended;
            request.Run = run;
            if (request is { State: ShadowRequest.ShadowRun.Runs, Assumed: null } && LeftOf(request, run) is var left && left > TimeSpan.Zero)
            {
                EndAfter(request, left);
                return;
            }
        }

        Finish(request, static request => request.End is null);
    }

    internal void RequestOver(ShadowRequest request)
    {
        lock (_gate)
        {
            if (request.Real is ShadowRequest.RealRun.Imminent or ShadowRequest.RealRun.Waits)
            {
                request.Real = ShadowRequest.RealRun.Never;
                if (request is { State: ShadowRequest.ShadowRun.Runs, Assumed: null })
                {
                    Assume(request);
                }
            }
        }
    }

    internal void ClientLeft(ShadowRequest request)
    {
        Permit watched;
        lock (_gate)
        {
            if (request.State == ShadowRequest.ShadowRun.Over)
            {
                return;
            }

            watched = request.State == ShadowRequest.ShadowRun.Runs && request.Permit.IsWatched ? request.Permit : default;
        }

        if (watched.IsWatched)
        {
            _pool.ClientLeft(watched);
        }
        else if (_pool.GiveUp(request))
        {
            lock (_gate)
            {
                if (request.State != ShadowRequest.ShadowRun.Over)
                {
                    request.Tally.GaveUp();
                    Forget(request);
                }
            }
        }
    }

    /// <summary>The policy has decided.</summary>
    internal void Decided(ShadowRequest request, in PoolResult result, bool atOnce)
    {
        Permit late;
        lock (_gate)
        {
            if (request.State == ShadowRequest.ShadowRun.Waits)
            {
                if (result.Answer == PoolAnswer.Admitted)
                {
                    Count(request, atOnce);
                    Run(request, result.Permit);
                }
                else
                {
                    request.Tally.Refused(result.Refusal!.Reason);
                    Forget(request);
                }

                return;
            }

            late = result.Permit;
        }

        // It was forgotten in the meantime.
        if (result.Answer == PoolAnswer.Admitted)
        {
            _pool.Release(late, RunOutcome.Unknown);
        }
    }
}
