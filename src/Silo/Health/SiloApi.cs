using Admission.Grains.Cluster;
using Admission.Grains.Hosting;
using Admission.Security;

namespace Admission.Silo.Health;

/// <summary>The silo's addresses: <c>/health</c> for everybody, <c>/admission/v1/version</c> for viewers.</summary>
internal static class SiloApi
{
    /// <summary>Maps the addresses.</summary>
    public static void MapSiloApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", () => HealthView.Live);
        endpoints.MapGet("/health/ready", (ClusterStart start, IEnumerable<IReadiness> conditions) => Ready(start, conditions));
        endpoints.MapGet("/admission/v1/version", () => VersionView.Of(typeof(SiloApi).Assembly)).RequireViewer();
        endpoints.MapReservedAddresses();
    }

    private static IResult Ready(ClusterStart start, IEnumerable<IReadiness> conditions)
    {
        // Until the silo has joined, the rest says nothing.
        string?[] missing = start.Missing is { } reason ? [reason] : [.. conditions.Select(condition => condition.Missing)];
        var health = HealthView.Ready([.. missing.OfType<string>()]);
        return Results.Json(health, statusCode: health.StatusCode);
    }
}
