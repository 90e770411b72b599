using Admission.Capacity;

namespace Admission.Client;

/// <summary>The permits of a policy that is decided in shadow: those of a ledger of its own. Nothing here waits, and nobody is called back before it returns but other requests.</summary>
internal interface IShadowPool
{
    /// <summary>Decides a request at once, or lets it wait.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="waiter">Is told the decision if the request has to wait.</param>
    PoolResult Ask(in AdmissionRequest request, WaitingRequest waiter);

    /// <summary>Gives a waiting request up; false if it was decided before.</summary>
    bool GiveUp(WaitingRequest waiter);

    /// <summary>Gives a permit back.</summary>
    void Release(in Permit permit, RunOutcome outcome);

    /// <summary>The client of a permit's request has left.</summary>
    void ClientLeft(in Permit permit);
}
