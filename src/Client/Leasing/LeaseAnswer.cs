using Admission.Capacity;

namespace Admission.Client;

/// <summary>The answer to who wants a lease.</summary>
public sealed class LeaseAnswer
{
    private readonly AdmissionOutcome _admission;
    private readonly AdmissionRequest _request;

    internal LeaseAnswer(in AdmissionOutcome admission, in AdmissionRequest request, LeaseState state = LeaseState.None)
    {
        (_admission, _request, State) = (admission, request, state);
        Waited = admission.Waited;
    }

    /// <summary>Held; or why it is not, if the permits were there: then try again, perhaps elsewhere. None if <see cref="Refusal"/> says why.</summary>
    public LeaseState State { get; }

    /// <summary>Why the request was refused, as any request would have been; null if it was not.</summary>
    public Refusal? Refusal => _admission.Refusal;

    /// <summary>How long it waited for its permits, and of a lease that is held, after that for its ledger to store it: so much before <see cref="Left"/> was counted it was asked for.</summary>
    public TimeSpan Waited { get; internal init; }

    /// <summary>Of a lease that is held: its id, which is a secret of who has it.</summary>
    public LeaseId Id { get; internal init; }

    /// <summary>Of a lease that is held: its number.</summary>
    public FencingToken Fencing { get; internal init; }

    /// <summary>Of a lease that is held: its destination; empty where the policy names none.</summary>
    public string Destination { get; internal init; } = "";

    /// <summary>Of a lease that is held: for how long it may be used from now on, unless it is renewed.</summary>
    public TimeSpan Left { get; internal init; }

    /// <summary>As <see cref="AdmissionOutcome.NameTicket"/>.</summary>
    public TicketId NameTicket() => _admission.NameTicket(_request);
}

/// <summary>How a lease stands after it was renewed, released or looked at.</summary>
/// <param name="Lease">What the ledger says of it.</param>
/// <param name="Left">For how long it may be used from now on, unless it is renewed again; zero of one that is not held.</param>
public readonly record struct LeaseStatus(LeaseDescription Lease, TimeSpan Left);
