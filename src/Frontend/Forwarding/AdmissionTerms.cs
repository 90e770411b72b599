using Admission.Capacity;

namespace Admission.Frontend.Forwarding;

/// <summary>What is special about one request's admission: it may be stored for later, or it was. Ordinary requests have none.</summary>
internal abstract class AdmissionTerms
{
    /// <summary>Whether it was asked for before, and is counted already by a policy in shadow.</summary>
    public virtual bool WasCounted => false;

    /// <summary>What the request asks, in place of what its headers and its route say.</summary>
    /// <param name="request">What they say.</param>
    /// <param name="runTimeout">How long it may run.</param>
    public abstract AdmissionRequest Apply(AdmissionRequest request, ref TimeSpan runTimeout);

    /// <summary>The body has been taken in, and a permit is about to be asked for.</summary>
    /// <returns>Whether the request has been answered already.</returns>
    public virtual ValueTask<bool> BeforeAskingAsync(HttpContext context, AdmissionRequest request) => new(false);

    /// <summary>There is a permit, and the request is about to be sent.</summary>
    /// <returns>Whether it may be; if not, the permit goes back, and nothing is answered.</returns>
    public virtual ValueTask<bool> BeforeSendingAsync() => new(true);

    /// <summary>There is no permit.</summary>
    /// <returns>Whether the request has been answered; if not, it is refused as any other.</returns>
    public abstract ValueTask<bool> RefusedAsync(HttpContext context, AdmissionRequest request, Refusal refusal);
}
