using Admission.Capacity;

namespace Admission.Client;

/// <content>How a request goes on in shadow: granted, run, ended. Called under the lock where nothing else is said.</content>
public sealed partial class ShadowBackend
{
    /// <summary>The time has come at which a request's run ends in shadow. Called outside the lock.</summary>
    internal void RunsOut(ShadowRequest request) => Finish(request, static _ => true);

    private void Count(ShadowRequest request, bool atOnce)
    {
        var waited = _time.GetElapsedTime(request.ArrivedAt);
        if (atOnce || (request.Position.Position == 0 && waited < LongestAnswer))
        {
            request.Tally.AtOnce();
        }
        else
        {
            request.Tally.Waited(waited);
        }
    }

    private void Run(ShadowRequest request, in Permit permit)
    {
        request.State = ShadowRequest.ShadowRun.Runs;
        request.Permit = permit;
        request.Granted = _time.GetTimestamp();
        request.Place = _running.AddLast(request);
        if (_running.Count == 1)
        {
            _cutter.Change(_policy.RunTimeout, Timeout.InfiniteTimeSpan);
        }

        if (request.Real == ShadowRequest.RealRun.Ended)
        {
            EndAfter(request, request.Run);
        }
        else if (request.Real is ShadowRequest.RealRun.Waits or ShadowRequest.RealRun.Never)
        {
            Assume(request);
        }
    }

    private void Assume(ShadowRequest request)
    {
        if (_runs.Draw() is var drawn && drawn is null && request.Real == ShadowRequest.RealRun.Waits)
        {
            // Nothing is known of any run yet, so this one is the best guess, although it begins later than it would.
            return;
        }

        var run = drawn ?? ShortestRun;
        request.Tally.AssumeRun();
        request.Assumed = run;
        EndAfter(request, LeftOf(request, run));
    }

    private TimeSpan LeftOf(ShadowRequest request, TimeSpan run) => run - _time.GetElapsedTime(request.Granted);

    private void EndAfter(ShadowRequest request, TimeSpan left) => request.End = _time.CreateTimer(
        static request => ((ShadowRequest)request!).RunsOut(), request, left < ShortestRun ? ShortestRun : left, Timeout.InfiniteTimeSpan);

    /// <summary>Ends what has run as long as the policy lets it, in the order of the grants. Called outside the lock.</summary>
    private void CutOff()
    {
        while (true)
        {
            ShadowRequest? longest;
            lock (_gate)
            {
                if (_stopped || (longest = _running.First?.Value) is null)
                {
                    return;
                }

                var left = LeftOf(longest, _policy.RunTimeout);
                if (left > TimeSpan.Zero)
                {
                    _cutter.Change(left < ShortestRun ? ShortestRun : left, Timeout.InfiniteTimeSpan);
                    return;
                }

            }

            Finish(longest, static request =>
            {
                request.Tally.RunTimedOut();
                return true;
            });
        }
    }

    /// <summary>Ends a request's run in shadow, if it runs and still is as it should be. Called outside the lock.</summary>
    private void Finish(ShadowRequest request, Func<ShadowRequest, bool> still)
    {
        Permit permit;
        lock (_gate)
        {
            if (request.State != ShadowRequest.ShadowRun.Runs || !still(request))
            {
                return;
            }

            permit = request.Permit;
            Forget(request);
        }

        _pool.Release(permit, RunOutcome.Served);
    }

    private void Forget(ShadowRequest request)
    {
        request.State = ShadowRequest.ShadowRun.Over;
        request.End?.Dispose();
        request.End = null;
        if (request.Place is { } node)
        {
            _running.Remove(node);
            request.Place = null;
        }

        _followed.Remove(request);
    }
}
