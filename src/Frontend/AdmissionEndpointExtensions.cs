using Admission.Frontend.Api;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Addresses of admission in a gateway of your own.</summary>
public static class AdmissionEndpointExtensions
{
    /// <summary>
    /// Maps <c>/admission/v1/jobs</c>, where clients ask for the jobs that they were answered 202 for. A job is for whoever has its id, and, where <c>UseAuthentication</c> knows
    /// the caller, only for the one who sent it, or for its tenant; lists are for viewers and retries for operators: callers on this machine, until <c>Admission:Security</c> has keys.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <returns>The same application.</returns>
    public static IEndpointRouteBuilder MapAdmissionJobs(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        endpoints.MapJobsApi();
        return endpoints;
    }
}
