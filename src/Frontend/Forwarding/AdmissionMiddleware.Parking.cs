using Admission.Client;
using Admission.Frontend.Classification;
using Admission.Frontend.Configuration;

namespace Admission.Frontend.Forwarding;

/// <content>Requests that wait. There may be many thousands, so what stays of each is small: the request itself knows what was asked, and has room for the answer.</content>
internal sealed partial class AdmissionMiddleware
{
    private async Task ParkAsync(Parked parked, PendingAdmission pending)
    {
        try
        {
            await pending.DecisionAsync();
            await ProceedAsync(parked.Asked(pending.Request), pending.Outcome, shadow: null);
        }
        catch (Exception exception) when (HasLeft(parked.Context.RequestAborted, exception))
        {
            SetStatus(parked.Context, ClientClosedRequest);
        }
    }

    /// <summary><see cref="Asked"/> without what was asked, which <see cref="PendingAdmission"/> has, and without what the context has.</summary>
    private readonly record struct Parked(HttpContext Context, Backend Backend, BackendSettings Settings, RouteClassifier Route, TimeSpan RunTimeout)
    {
        public Asked Asked(in Capacity.AdmissionRequest request) =>
            new(Context, Context.GetReverseProxyFeature(), Backend, Settings, Route, request, RunTimeout, Context.RequestAborted);
    }
}
