using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Api.Operating;

/// <summary><c>/overview</c>: every backend in short, with what is wrong with it.</summary>
internal static class OverviewApi
{
    /// <summary>Maps the address.</summary>
    public static void MapOverview(this RouteGroupBuilder api) => api.MapGet("/overview", ReadAsync);

    private static async Task<IResult> ReadAsync(HttpContext context, OverviewDesk desk, BackendTable backends)
    {
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            if (await desk.ReadAsync(AdmissionApi.Patience, context.RequestAborted) is { } overview)
            {
                return Results.Json(OverviewView.Of(overview, backends.All.Where(backend => !backend.Settings.IsEnforced).Select(backend => backend.Id)));
            }

            return AdmissionApi.Answer(new Problem(StatusCodes.Status503ServiceUnavailable, "too-many-watching", "Too many are watching",
                "As many look at the backends of this gateway as it takes. Ask another gateway, or close a dashboard.")
            { RetryAfter = 10 });
        }
        catch (TimeoutException)
        {
            return AdmissionApi.Answer(new Problem(StatusCodes.Status503ServiceUnavailable, "ledger-unreachable", "The ledgers do not answer",
                $"No round over the ledgers has ended within {AdmissionApi.Patience.TotalSeconds} s. Try again in a second.")
            { RetryAfter = 1 });
        }
    }
}
