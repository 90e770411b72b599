using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Forwarding;
using Admission.Grains.Cluster;
using Admission.Grains.Hosting;

namespace Admission.Frontend.Api.Operating;

/// <summary><c>/cluster</c>: the silos and the gateways, and what they run on, as far as anybody here can know.</summary>
internal static class ClusterApi
{
    /// <summary>Ledgers that are asked at the same time.</summary>
    private const int AtOnce = 16;

    /// <summary>Maps the address.</summary>
    public static void MapCluster(this RouteGroupBuilder api) => api.MapGet("/cluster", DescribeAsync);

    private static async Task<IResult> DescribeAsync(
        BackendTable backends, AdmissionClient client, TimeProvider time, IServiceProvider services, CancellationToken cancellation)
    {
        var settings = services.GetService<ClusterSettings>();
        var upFor = (time.GetUtcNow() - ProcessFacts.Started).TotalSeconds;
        List<string> lacks = ["The version of other processes: none tells it to others. Ask each for /admission/v1/version."];
        IReadOnlyList<SiloView> silos = [];
        if (services.GetService<SiloDirectory>() is { } directory)
        {
            try
            {
                silos = [.. (await directory.ReadAsync(cancellation).WaitAsync(AdmissionApi.Patience, time, cancellation)).Select(row => Of(row))];
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                lacks.Add($"The silos: the cluster's database does not tell them. {exception.Message}");
            }
        }
        else
        {
            silos = [new SiloView("this process", Environment.MachineName, null, "active", upFor, 0, backends.All.Count(backend => backend.Settings.IsEnforced), null)];
        }

        var (holders, unreachable) = await HoldersAsync(backends, client, time, cancellation);
        if (unreachable.Count > 0)
        {
            lacks.Add($"Holders of these backends, whose ledgers do not answer: {string.Join(", ", unreachable)}.");
        }

        var engine = VersionView.Of(typeof(ClusterApi).Assembly);
        var here = new ProcessView(client.Holder, Environment.MachineName, Environment.ProcessId, engine.Version, upFor);
        return Results.Json(new ClusterView(settings is null ? "embedded" : "cluster", settings?.ClusterId, engine.Engine, here, silos, Gateways(holders, client.Holder), lacks));
    }

    private static SiloView Of(SiloRow row) =>
        new(row.Name, row.Host, row.Address, row.State, row.UpFor, row.Silent, row.Ledgers, row.AuthorityAge);

    private static IReadOnlyList<GatewayView> Gateways(IEnumerable<HolderDescription> holders, string here) =>
    [
        .. holders.GroupBy(holder => HolderNames.ProcessOf(holder.Holder), StringComparer.Ordinal).OrderBy(process => process.Key, StringComparer.Ordinal).Select(process => new GatewayView(
            process.Key, string.Equals(process.Key, here, StringComparison.Ordinal), process.Count(), process.Sum(holder => holder.Booked), process.Sum(holder => holder.InUse),
            process.Sum(holder => holder.Queued), process.Min(holder => holder.LeaseLeft).TotalSeconds)),
    ];

    private static async Task<(List<HolderDescription> Holders, List<string> Unreachable)> HoldersAsync(
        BackendTable backends, AdmissionClient client, TimeProvider time, CancellationToken cancellation)
    {
        using var gate = new SemaphoreSlim(AtOnce);
        var holders = new List<HolderDescription>();
        var unreachable = new List<string>();
        foreach (var (backend, described) in await Task.WhenAll(backends.All.Where(backend => backend.Settings.IsEnforced).Select(AskAsync)))
        {
            if (described is null)
            {
                unreachable.Add(backend);
            }
            else
            {
                holders.AddRange(described.Holders);
            }
        }

        return (holders, unreachable);

        async Task<(string Backend, BackendDescription? Description)> AskAsync(Backend backend)
        {
            await gate.WaitAsync(cancellation);
            try
            {
                return (backend.Id, await client.DescribeAsync(backend.Id, cancellation).WaitAsync(AdmissionApi.Patience, time, cancellation));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Told as unreachable.
                return (backend.Id, null);
            }
            finally
            {
                gate.Release();
            }
        }
    }
}
