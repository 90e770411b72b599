using Admission.Frontend.Classification;
using Admission.Security.Callers;
using Yarp.ReverseProxy.Model;

namespace Admission.Frontend.Forwarding;

/// <content>Requests whose route reads a claim of the caller, where the gateway itself has keys or an issuer of tokens.</content>
internal sealed partial class AdmissionMiddleware
{
    private async Task IdentifyAsync(HttpContext context, IReverseProxyFeature proxy, Backend backend, BackendClassifier classifier, RouteClassifier route)
    {
        var caller = await gate.IdentifyClientAsync(context);
        if (caller.Wrong is { } wrong)
        {
            await wrong.WriteAsync(context);
            return;
        }

        context.User = caller.User ?? context.User;

        // The key is for this gateway: neither the backend nor the store of jobs is to have it.
        SentKey.Remove(context.Request.Headers);
        await BeginAsync(context, proxy, backend, classifier, route);
    }
}
