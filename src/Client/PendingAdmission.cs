using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Admission.Capacity;
using Admission.Client.Telemetry;

namespace Admission.Client;

/// <summary>A request that waits in a pool, and the task that its caller awaits: one object, because many may wait.</summary>
/// <remarks>
/// Its caller registers for the client's leaving before it awaits, so a decision that comes first finds nothing to undo: what the registration would still do, the pool
/// ignores. It is awaited once, either for its outcome or for the decision, after which the outcome is there. The outcome has an object of its own, because no request needs room for it while it waits.
/// </remarks>
internal sealed class PendingAdmission(BackendHolder holder, WaitSpan? span) : WaitingRequest, IValueTaskSource<AdmissionOutcome>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<StrongBox<AdmissionOutcome>> _decision = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _clientLeft;

    /// <summary>Waits for the outcome.</summary>
    public ValueTask<AdmissionOutcome> WaitAsync() => new(this, _decision.Version);

    /// <summary>Waits for the decision, and leaves the answer in <see cref="Outcome"/>.</summary>
    public ValueTask DecisionAsync() => new(this, _decision.Version);

    /// <summary>The answer; only after <see cref="DecisionAsync"/>.</summary>
    public AdmissionOutcome Outcome => _decision.GetResult(_decision.Version).Value;

    /// <summary>Gives the request up when its client leaves. Called once, before it is awaited.</summary>
    public void GiveUpWith(CancellationToken cancellation) =>
        _clientLeft = cancellation.UnsafeRegister(static (pending, cancellation) => ((PendingAdmission)pending!).GiveUp(cancellation), this);

    public override void Decided(in PoolResult result) => _decision.SetResult(new(holder.Outcome(this, result, Since, span)));

    public AdmissionOutcome GetResult(short token)
    {
        // Does not wait for a callback that is running: it finds the request decided, or has given it up itself.
        _clientLeft.Unregister();
        return _decision.GetResult(token).Value;
    }

    void IValueTaskSource.GetResult(short token) => _ = GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _decision.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _decision.OnCompleted(continuation, state, token, flags);

    // The client has left. If the decision came first, it stands.
    private void GiveUp(CancellationToken cancellation)
    {
        if (holder.GiveUp(this))
        {
            holder.GaveUp(this, Since, span);
            _decision.SetException(new OperationCanceledException(cancellation));
        }
    }
}
