using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Buffering;
using Admission.Frontend.Holding;
using Admission.Frontend.Problems;
using Admission.Frontend.Recording;
using Yarp.ReverseProxy.Model;

namespace Admission.Frontend.Forwarding;

/// <content>Requests that may be stored for later, and those that were.</content>
internal sealed partial class AdmissionMiddleware
{
    private async Task AdmitAsync(HttpContext context, IReverseProxyFeature proxy, Backend backend, AdmissionTerms terms)
    {
        var classifier = backend.Classifier;
        var route = classifier.For(proxy.Route.Config);
        var request = route.Take(context, out var runTimeout, out var problem);
        if (problem is not null)
        {
            await problem.WriteAsync(context);
            return;
        }

        request = terms.Apply(route.Hold is null ? request : HeldConnection.Apply(context, request), ref runTimeout);
        var asked = new Asked(context, proxy, backend, classifier.Settings, route, request, runTimeout, context.RequestAborted);
        BufferedBody? body = null;
        RecordedRequest? recording = null;
        ShadowRequest? shadow = null;
        try
        {
            if (IsTakenIn(asked))
            {
                var settings = asked.Settings.RequestBuffer;
                (body, var taken) = await RequestBuffer.ReadAsync(context, settings, buffers, proxy.Route.Config.MaxRequestBodySize is not null, asked.ClientGone);
                if (body is null)
                {
                    await BodyProblems.Describe(backend.Id, taken, settings).WriteAsync(context);
                    return;
                }
            }

            if (await terms.BeforeAskingAsync(context, request))
            {
                return;
            }

            recording = recorder.Begin(context, backend.Id, request);
            var decision = AcquireAsync(asked);
            shadow = terms.WasCounted ? null : BeginShadow(asked, decision);
            var outcome = await decision;
            recording?.Decided(outcome.IsAdmitted);
            if (outcome.Refusal is { } refusal && backend.Settings.IsEnforced && await terms.RefusedAsync(context, request, refusal))
            {
                return;
            }

            if (!outcome.IsAdmitted || await MaySendAsync(terms, outcome.Permit))
            {
                await ProceedAsync(asked, outcome, shadow);
            }
        }
        catch (Exception exception) when (HasLeft(asked.ClientGone, exception))
        {
            SetStatus(context, ClientClosedRequest);
        }
        finally
        {
            body?.Dispose();
            recording?.End();
            shadow?.Dispose();
        }
    }

    // Without a yes the permit goes back here: nobody forwards.
    private static async ValueTask<bool> MaySendAsync(AdmissionTerms terms, AdmittedPermit permit)
    {
        var may = false;
        try
        {
            return may = await terms.BeforeSendingAsync();
        }
        finally
        {
            if (!may)
            {
                permit.Release(RunOutcome.Unknown);
            }
        }
    }
}
