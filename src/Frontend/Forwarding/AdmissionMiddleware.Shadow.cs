using Admission.Capacity;
using Admission.Frontend.Classification;
using Admission.Frontend.Recording;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Admission.Frontend.Forwarding;

/// <content>A backend whose policy is decided but not enforced.</content>
internal sealed partial class AdmissionMiddleware
{
    /// <summary>
    /// Forwards a request as if its cluster had no policy, and shows it to the policy in shadow. No body is taken in, no time is bounded, and YARP's load balancer chooses the destination.
    /// </summary>
    private async Task PassAsync(HttpContext context, IReverseProxyFeature proxy, Backend backend)
    {
        var route = backend.Classifier.For(proxy.Route.Config);
        var request = route.Take(context, out _, out var problem);
        if (problem is not null)
        {
            backend.Shadow?.Malformed();
            await next(context);
            return;
        }

        var clientGone = context.RequestAborted;
        var started = route.Measures ? time.GetTimestamp() : 0;
        var recording = recorder.Begin(context, backend.Id, request);
        recording?.Decided(admitted: true);
        using var shadow = backend.Shadow?.Begin(request, waits: false, clientGone);
        shadow?.RunBegan();
        var outcome = RunOutcome.Unknown;
        try
        {
            await next(context);
            outcome = clientGone.IsCancellationRequested ? RunOutcome.Unknown : OutcomeOf(context);
            if (route.Measures && outcome != RunOutcome.Unknown && ShowsCost(context, RunEnd.None, wasCutEarly: false))
            {
                route.Measured(context, time.GetElapsedTime(started));
            }
        }
        finally
        {
            shadow?.RunEnded(whole: !clientGone.IsCancellationRequested);
            recorder.Released(context, outcome);
            recording?.End();
        }
    }

    private static RunOutcome OutcomeOf(HttpContext context) => RunOutcomes.Of(
        RunEnd.None, context.Features.Get<IForwarderErrorFeature>(), context.Response.HasStarted, context.Response.StatusCode, wasCutEarly: false);
}
