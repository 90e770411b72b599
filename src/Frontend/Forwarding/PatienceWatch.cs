using Admission.Client;

namespace Admission.Frontend.Forwarding;

/// <summary>
/// Tells a permit's pool how patient its client is: whether it left, or was still there when its answer began. A client that ends a long response after its begin
/// was not impatient.
/// </summary>
internal sealed class PatienceWatch : IDisposable
{
    private readonly AdmittedPermit _permit;
    private CancellationTokenRegistration _clientLeft;

    private PatienceWatch(in AdmittedPermit permit) => _permit = permit;

    /// <summary>Begins to watch a client if the ledger learns from it; otherwise it costs nothing.</summary>
    /// <param name="permit">The permit of its request. Dispose the watch before it.</param>
    /// <param name="response">The response, not begun yet.</param>
    /// <param name="clientGone">The client has left.</param>
    /// <returns>The watch, or null.</returns>
    public static PatienceWatch? Begin(in AdmittedPermit permit, HttpResponse response, CancellationToken clientGone)
    {
        if (!permit.IsWatched)
        {
            return null;
        }

        var watch = new PatienceWatch(permit);
        response.OnStarting(
            static watch =>
            {
                ((PatienceWatch)watch)._permit.ClientAnswered();
                return Task.CompletedTask;
            },
            watch);
        watch._clientLeft = clientGone.UnsafeRegister(static watch => ((PatienceWatch)watch!)._permit.ClientLeft(), watch);
        return watch;
    }

    /// <summary>The permit is about to be released.</summary>
    public void Dispose() => _clientLeft.Dispose();
}
