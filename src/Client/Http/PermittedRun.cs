using Admission.Capacity;

namespace Admission.Client.Http;

/// <summary>A request that has a permit: it is given back once, by whichever comes first of the body's end and the response's.</summary>
internal sealed class PermittedRun(AdmittedPermit permit)
{
    private int _ended;

    /// <summary>Cancelled when the permit is no longer this process's.</summary>
    public CancellationToken LeaseLost => permit.LeaseLost;

    /// <summary>Gives the permit back, and says how the request went.</summary>
    public void End(RunOutcome outcome)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            permit.Release(outcome);
        }
    }
}
