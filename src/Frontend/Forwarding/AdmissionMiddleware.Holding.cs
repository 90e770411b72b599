using Admission.Client;
using Admission.Frontend.Classification;
using Admission.Frontend.Holding;
using Yarp.ReverseProxy.Model;

namespace Admission.Frontend.Forwarding;

/// <content>Requests whose connections are kept alive while they wait and run.</content>
internal sealed partial class AdmissionMiddleware
{
    // From here on everything answers into the held connection, and goes its usual way.
    private async Task HoldAsync(
        HeldConnection held, HttpContext context, IReverseProxyFeature proxy, Backend backend, BackendClassifier classifier, RouteClassifier route)
    {
        try
        {
            await AdmitAsync(context, proxy, backend, classifier, route);
        }
        catch
        {
            await held.FailAsync();
            throw;
        }

        await held.FinishAsync();
    }

    private ValueTask<AdmissionOutcome> AcquireAsync(in Asked asked) =>
        client.AcquireWatchedAsync(asked.Backend.Id, asked.Request, WatcherOf(asked), asked.ClientGone);

    private static HeldConnection? WatcherOf(in Asked asked) => asked.Route.Hold is null ? null : HeldConnection.Of(asked.Context);
}
