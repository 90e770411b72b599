using Admission.Capacity;

namespace Admission.Client;

/// <summary>A request that waits in a pool, as a task.</summary>
internal sealed class PendingAdmission(BackendHolder holder) : WaitingRequest
{
    private readonly TaskCompletionSource<PoolResult> _decision = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<PoolResult> Decision => _decision.Task;

    public override void Decided(in PoolResult result) => _decision.SetResult(result);

    /// <summary>The client has left. If the decision came first, it stands.</summary>
    public void GiveUp(CancellationToken cancellation)
    {
        if (holder.GiveUp(this))
        {
            _decision.SetCanceled(cancellation);
        }
    }
}
