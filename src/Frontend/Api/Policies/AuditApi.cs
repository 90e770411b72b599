using Admission.Capacity;
using Admission.Frontend.Forwarding;

namespace Admission.Frontend.Api.Policies;

/// <summary><c>/audit</c>: what operators have changed, over all backends. Each ledger keeps its own last changes; here they are put together.</summary>
internal static class AuditApi
{
    /// <summary>Ledgers that are asked at the same time.</summary>
    private const int AtOnce = 16;

    private const int Most = 1_000;

    /// <summary>Maps the address.</summary>
    public static void MapAudit(this RouteGroupBuilder api) => api.MapGet("/audit", AuditAsync);

    private static async Task<IResult> AuditAsync(HttpRequest request, BackendTable backends, PolicyDesk desk, CancellationToken cancellation)
    {
        var query = new QueryReader(request.Query);
        var limit = (int)(query.Number("limit", 1, Most) ?? 100);
        if (query.Mistake is not null)
        {
            return AdmissionApi.Answer(query.Mistake);
        }

        var asked = backends.All.Where(backend => backend.Settings.IsEnforced).ToArray();
        if (query.Text("backend") is { } only)
        {
            asked = [.. asked.Where(backend => string.Equals(backend.Id, only, StringComparison.OrdinalIgnoreCase))];
            if (asked.Length == 0)
            {
                return AdmissionApi.Answer(AdmissionApi.UnknownBackend(only));
            }
        }

        var entries = new List<AuditEntryView>();
        var missing = new List<string>();
        using var gate = new SemaphoreSlim(AtOnce);
        foreach (var (backend, policy) in await Task.WhenAll(asked.Select(backend => AskAsync(backend, desk, gate, cancellation))))
        {
            if (policy is null)
            {
                missing.Add(backend);
                continue;
            }

            entries.AddRange(policy.History.Where(change => change.By is not null).Select(change => PolicyChangeView.Of(change)).Select(
                change => new AuditEntryView(backend, change.Version, change.At, change.By!, change.Changes, change.More)));
        }

        return Results.Json(new AuditView(
            [.. entries.OrderByDescending(entry => entry.At).ThenBy(entry => entry.Backend, StringComparer.Ordinal).ThenByDescending(entry => entry.Version).Take(limit)], missing));
    }

    private static async Task<(string Backend, PolicyDescription? Policy)> AskAsync(Backend backend, PolicyDesk desk, SemaphoreSlim gate, CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation);
        try
        {
            return (backend.Id, await desk.DescribeAsync(backend.Id, cancellation));
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Told as missing.
            return (backend.Id, null);
        }
        finally
        {
            gate.Release();
        }
    }
}
