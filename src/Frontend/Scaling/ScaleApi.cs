using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Api;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Scaling;

/// <summary><c>/admission/v1/backends/{id}/scale</c>: what an autoscaler asks.</summary>
internal static class ScaleApi
{
    /// <summary>Maps the address.</summary>
    public static void MapScale(this RouteGroupBuilder api) => api.MapGet("/backends/{id}/scale", AnswerAsync);

    private static Task<IResult> AnswerAsync(string id, HttpRequest request, BackendTable backends, AdmissionClient client, TimeProvider time, CancellationToken cancellation) =>
        LedgerQuestion.AskAsync(backends, id, async backend =>
        {
            var query = new QueryReader(request.Query);
            var target = (int)(query.Number("target", 1, 100) ?? ScaleSignal.DefaultTarget);
            var asked = (int?)query.Number("perReplica", 1, BackendPolicyRules.LargestLimit);
            if (query.Mistake is not null)
            {
                return AdmissionApi.Answer(query.Mistake);
            }

            if ((asked ?? PlacesOfOne(backend)) is not { } perReplica)
            {
                return AdmissionApi.Answer(new Problem(StatusCodes.Status400BadRequest, "invalid-query", "A parameter of the query is missing",
                    $"The policy of '{backend.Id}' has no DestinationLimit, so it is not known how much one instance can do. Say it: ?perReplica=4.", backend.Id));
            }

            if (await client.DescribeAsync(backend.Id, cancellation).WaitAsync(AdmissionApi.Patience, time, cancellation) is not { } described)
            {
                return null;
            }

            var (inUse, waiting) = (described.Occupancy.InUse, described.Occupancy.Queued);
            var replicas = described.Destinations.Count(destination => destination.Destination.Length > 0 && (destination.Limit > 0 || destination.Booked > 0));
            return Results.Json(new ScaleView(
                backend.Id, inUse + waiting, inUse, waiting, described.Occupancy.Limit, replicas, perReplica, target, ScaleSignal.Desired(inUse + waiting, perReplica, target)));
        });

    /// <summary>What one instance can do, also while there is none.</summary>
    private static int? PlacesOfOne(Backend backend) =>
        backend.Settings.DestinationLimit is > 0 and var limit ? limit
        : backend.Settings.Policy.Destinations.Select(destination => destination.Limit).DefaultIfEmpty(0).Max() is > 0 and var largest ? largest
        : null;
}
