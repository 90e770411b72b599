using Admission.Capacity;
using Admission.Simulator;

namespace Admission.Client.Tests;

/// <summary>A backend in virtual time: requests that run at once or as a policy that is enforced lets them, and a policy beside it in shadow.</summary>
internal sealed class ShadowWorld
{
    private readonly VirtualPool? _enforced;
    private int _open;

    public ShadowWorld(BackendPolicy shadow, BackendPolicy? enforced = null, bool isSilent = false)
    {
        Pool = new VirtualPool(shadow, Time) { IsSilent = isSilent };
        Shadow = new ShadowBackend(Pool, shadow, Time);
        Pool.Totals = Shadow.TakeReport;
        _enforced = enforced is null ? null : new VirtualPool(enforced, Time);
    }

    public VirtualTime Time { get; } = new();

    public VirtualPool Pool { get; }

    public ShadowBackend Shadow { get; }

    public ShadowTotals Totals => Shadow.Totals;

    /// <summary>The real requests: they began to run after so long, or were refused.</summary>
    public List<(TimeSpan At, TimeSpan? Began)> Real { get; } = [];

    /// <summary>Lets all requests come, run and end; and then whatever the shadow still has.</summary>
    public void Offer(IEnumerable<OfferedRequest> requests)
    {
        foreach (var request in requests)
        {
            Time.RunTo(request.At);
            Arrive(request);
            CheckSum();
        }

        Time.RunTo(Time.Now + TimeSpan.FromMinutes(3));
        _open.ShouldBe(0);
        CheckSum();
        Totals.Waiting.ShouldBe(0);
        Shadow.Followed.ShouldBe(0);
        Pool.InUse.ShouldBe(0);
    }

    /// <summary>At every instant each request is counted exactly once.</summary>
    public void CheckSum()
    {
        var totals = Totals;
        (totals.AtOnce + totals.Waited + totals.AllRefused + totals.GaveUp + totals.Unknown + totals.Malformed + Pool.Waiting).ShouldBe(totals.Requests);
        totals.Waits.Sum(each => each.Count).ShouldBe(totals.Waited);
        totals.AssumedRuns.ShouldBeInRange(0, totals.AtOnce + totals.Waited);
        Pool.InUse.ShouldBeLessThanOrEqualTo(Pool.Describe().Occupancy.Limit);
    }

    public void Arrive(OfferedRequest offered)
    {
        var (at, index) = (Time.Now, Real.Count);
        var asked = new AdmissionRequest { Weight = offered.Weight, Priority = offered.Priority, Tenant = offered.Tenant, MaxWait = offered.Deadline };
        var leaving = new CancellationTokenSource();
        Real.Add((at, null));
        _open++;
        if (offered.Patience is { } patience)
        {
            Time.At(at + patience, leaving.Cancel);
        }

        if (_enforced is null)
        {
            var alone = Shadow.Begin(asked, waits: false, leaving.Token);
            Run(alone, default);
            return;
        }

        ShadowRequest? follower = null;
        var waiter = new Waiter(result => Decided(result));
        var answer = _enforced.Ask(asked, waiter);
        follower = Shadow.Begin(asked, answer.Answer == PoolAnswer.Waiting && waiter.Result is null, leaving.Token);
        if (answer.Answer != PoolAnswer.Waiting)
        {
            Decided(answer);
        }
        else if (waiter.Result is { } already)
        {
            Decided(already);
        }
        else
        {
            leaving.Token.Register(() =>
            {
                if (_enforced.GiveUp(waiter))
                {
                    _open--;
                    follower?.Dispose();
                }
            });
        }

        void Decided(in PoolResult result)
        {
            if (follower is null)
            {
                // Within the call of Ask: the caller looks at the result.
                return;
            }

            if (result.Answer == PoolAnswer.Admitted)
            {
                Run(follower, result.Permit);
            }
            else
            {
                _open--;
                follower.Dispose();
            }
        }

        void Run(ShadowRequest? shadow, Permit permit)
        {
            Real[index] = (at, Time.Now - at);
            shadow?.RunBegan();
            Time.At(Time.Now + offered.Service, () =>
            {
                shadow?.RunEnded(whole: true);
                shadow?.Dispose();
                _enforced?.Release(permit, RunOutcome.Served);
                _open--;
            });
        }
    }

    private sealed class Waiter(Action<PoolResult> decided) : WaitingRequest
    {
        public PoolResult? Result { get; private set; }

        public override void Decided(in PoolResult result)
        {
            Result = result;
            decided(result);
        }
    }
}
