using Admission.Capacity;

namespace Admission.Client;

/// <summary>
/// One backend as this process knows it, from <see cref="AdmissionClient.Find"/>: who asks often saves looking it up by name. Thread-safe. It stays valid when the policy changes; once the
/// backend is removed it refuses with <see cref="RefusalReason.ShuttingDown"/>.
/// </summary>
public sealed class AdmissionBackend
{
    private readonly BackendHolder _holder;

    internal AdmissionBackend(BackendHolder holder) => _holder = holder;

    /// <summary>How this process stands with the backend: what it holds, and whether the ledger answers. Asks nobody.</summary>
    public PoolState State => _holder.State;

    /// <summary>Decides a request if that is possible at once, in memory: without a message, a wait or an allocation.</summary>
    /// <param name="request">What is asked; <c>default</c> for one permit at normal priority.</param>
    /// <param name="outcome">A permit to dispose, or a refusal with its reason.</param>
    /// <returns>False when the ledger has to be asked: call <see cref="AcquireAsync"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The weight is less than 1, or the priority not from 0 to 99.</exception>
    public bool TryAcquire(in AdmissionRequest request, out AdmissionOutcome outcome) => _holder.TryAcquire(request, out outcome);

    /// <summary>Asks for a permit, as <see cref="AdmissionClient.AcquireAsync"/> does.</summary>
    /// <param name="request">What is asked; <c>default</c> for one permit at normal priority.</param>
    /// <param name="cancellation">The client has left: the ticket is given up.</param>
    /// <returns>A permit to dispose, or a refusal with its reason.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The weight is less than 1, or the priority not from 0 to 99.</exception>
    /// <exception cref="OperationCanceledException">The client left before the decision.</exception>
    public ValueTask<AdmissionOutcome> AcquireAsync(in AdmissionRequest request = default, CancellationToken cancellation = default) =>
        _holder.AcquireAsync(request, cancellation);
}
