using System.Runtime.CompilerServices;
using Admission.Capacity;

namespace Admission.Client;

/// <summary>The answer to a request: a permit, or the reason why there is none.</summary>
public struct AdmissionOutcome
{
    /// <summary>Written in place by the pool: <see cref="PoolResult"/> says why.</summary>
    internal PoolResult Result;

    private BackendHolder? _holder;

    /// <summary>What it was while it waited: it has the request's name. Null if it did not.</summary>
    private WaitingRequest? _waiter;

    internal AdmissionOutcome(BackendHolder? holder, in PoolResult result, TimeSpan waited, WaitingRequest? waiter = null)
    {
        _holder = holder;
        Result = result;
        Waited = waited;
        _waiter = waiter;
    }

    /// <summary>Prepares an answer that comes at once; <see cref="Result"/> is still to be written.</summary>
    internal static void Begin(BackendHolder holder, out AdmissionOutcome outcome)
    {
        Unsafe.SkipInit(out outcome);
        outcome._holder = holder;
        outcome._waiter = null;
        outcome.Waited = TimeSpan.Zero;
    }

    /// <summary>Whether there is a permit.</summary>
    public readonly bool IsAdmitted => Result.Answer == PoolAnswer.Admitted;

    /// <summary>The permit; dispose it when the backend is done.</summary>
    /// <exception cref="InvalidOperationException">The request was refused.</exception>
    public readonly AdmittedPermit Permit =>
        IsAdmitted ? new(_holder!, Result.Permit) : throw new InvalidOperationException("A refused request has no permit: look at IsAdmitted first.");

    /// <summary>Why the request was refused; null when it was admitted.</summary>
    public readonly Refusal? Refusal => Result.Refusal;

    /// <summary>How long the request waited for the answer; zero when it came at once.</summary>
    public TimeSpan Waited { readonly get; private set; }

    /// <summary>
    /// Gives the name by which <see cref="AdmissionClient.ExplainAsync"/> knows the decision: of every refusal by a backend that is configured here, and of every request that was admitted after
    /// <see cref="BackendPolicy.ExplainWaitsOver"/>; else none. Call it once, at once: a request that was refused without a wait is recorded only if it is named.
    /// </summary>
    /// <param name="request">What was asked.</param>
    public readonly TicketId NameTicket(in AdmissionRequest request) =>
        _waiter is not null ? _waiter.Name : _holder is not null && Refusal is { } refusal ? _holder.Name(request, refusal) : default;
}

/// <summary>A permit in use. Dispose it exactly once, when the backend is done with the request.</summary>
public readonly struct AdmittedPermit : IDisposable, IEquatable<AdmittedPermit>
{
    private readonly BackendHolder _holder;
    private readonly Permit _permit;

    internal AdmittedPermit(BackendHolder holder, in Permit permit)
    {
        _holder = holder;
        _permit = permit;
    }

    /// <summary>The destination to send the request to; empty where the policy names none.</summary>
    public string Destination => _permit.Destination;

    /// <summary>
    /// Cancelled when the holder's lease has run out and the policy says <see cref="OnLeaseLost.Cancel"/>: the permit is no longer this holder's.
    /// </summary>
    public CancellationToken LeaseLost => _permit.Life.Lost;

    /// <summary>
    /// Whether the permit may be used at this instant. <see cref="LeaseLost"/> comes from a timer, and a process that was stopped for a while may act before
    /// it fires: ask here immediately before the work begins. It costs some nanoseconds.
    /// </summary>
    public bool HasLease => _permit.Life.HasLease;

    /// <summary>The life of the holder that the permit belongs to.</summary>
    public HolderLife Life => _permit.Life;

    /// <summary>
    /// Whether the ledger learns from this request how patient clients are: then say when its client leaves, and when its answer begins. It does so with policies that
    /// let requests wait, for all that waited and a sample of the others.
    /// </summary>
    public bool IsWatched => _permit.IsWatched;

    /// <summary>The client has left, and the work may go on. Does nothing if the permit is not watched or was given back.</summary>
    public void ClientLeft() => _holder.ClientLeft(_permit);

    /// <summary>The client begins to get its answer. Without this call it counts as answered when the permit is given back.</summary>
    public void ClientAnswered() => _holder.ClientAnswered(_permit);

    /// <summary>The work was cancelled because it took longer than <see cref="BackendPolicy.RunTimeout"/>: counted in the backend's description.</summary>
    public void RunTimedOut() => _holder.RunTimedOut(_permit);

    /// <summary>Gives the permit back; the destination has served. Who knows better says so with <see cref="Release"/> instead.</summary>
    /// <exception cref="InvalidOperationException">It was given back before.</exception>
    public void Dispose() => Release(RunOutcome.Served);

    /// <summary>Gives the permit back and says how it went, so that a destination which fails is withheld from the whole cluster. Instead of <see cref="Dispose"/>.</summary>
    /// <param name="outcome">How the request's time at its destination ended.</param>
    /// <exception cref="InvalidOperationException">It was given back before.</exception>
    public void Release(RunOutcome outcome) => _holder.Release(_permit, outcome);

    /// <inheritdoc/>
    public bool Equals(AdmittedPermit other) => _permit.Equals(other._permit);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is AdmittedPermit other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _permit.GetHashCode();
}
