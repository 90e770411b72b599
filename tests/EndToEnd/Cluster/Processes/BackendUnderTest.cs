using System.Text.Json;
using Admission.EndToEnd.Cluster.Backends;
using Admission.EndToEnd.Cluster.Load;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster.Processes;

/// <summary>A backend of a fault run with its limit's history.</summary>
internal sealed class BackendUnderTest(BackendPlan plan, RecordingBackend process) : IAsyncDisposable
{
    public BackendPlan Plan => plan;

    public RecordingBackend Process => process;

    public LimitTimeline Limits { get; } = new(plan.Limit);

    public OverAdmission OverAdmission() => Records.OverAdmission.Of(process.Journal.Read(), Limits, mayRepeat: plan.Overflow == Overflow.Defer);

    /// <summary>What the ledger says of it, through some frontend; null if none can say.</summary>
    public async Task<BackendState?> DescribeAsync(IEnumerable<ServerTarget> frontends)
    {
        foreach (var frontend in frontends)
        {
            if (await AskAsync(frontend) is { } answer && BackendState.Parse(answer) is { } state)
            {
                return state;
            }
        }

        return null;
    }

    /// <summary>Whether this frontend could go on if the ledger did not answer.</summary>
    public async Task<bool> HasLeaseAsync(ServerTarget frontend)
    {
        if (await AskAsync(frontend) is not { } answer)
        {
            return false;
        }

        using var document = JsonDocument.Parse(answer);
        return document.RootElement.GetProperty("here") is { ValueKind: JsonValueKind.Object } here && here.GetProperty("leaseLeft").GetDouble() > 0;
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    /// <summary>A frontend's description of the backend, or null if it has none to give.</summary>
    private async Task<string?> AskAsync(ServerTarget frontend)
    {
        try
        {
            var answer = await frontend.AskAsync($"/admission/v1/backends/{plan.Id}", TimeSpan.FromSeconds(3));
            return answer.Status == 200 ? answer.Body : null;
        }
        catch (Exception failure) when (failure is System.Net.Sockets.SocketException or IOException or OperationCanceledException)
        {
            return null;
        }
    }
}

/// <summary>What the ledger says of a backend at an instant.</summary>
/// <param name="Limit">The limit in force.</param>
/// <param name="InUse">Permits in use.</param>
/// <param name="Booked">Permits in use, or kept idle by a frontend, or quarantined.</param>
/// <param name="Quarantined">Permits of lost holders.</param>
/// <param name="Queued">Tickets that wait.</param>
/// <param name="Epoch">The ledger's epoch.</param>
/// <param name="Status">Whether it grants.</param>
internal sealed record BackendState(int Limit, int InUse, int Booked, int Quarantined, int Queued, long Epoch, string Status)
{
    /// <summary>Reads the admin API's answer; null if it does not know.</summary>
    public static BackendState? Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (root.GetProperty("limit").ValueKind != JsonValueKind.Number)
        {
            return null;
        }

        return new(
            root.GetProperty("limit").GetInt32(),
            root.GetProperty("inUse").GetInt32(),
            root.GetProperty("destinations").EnumerateArray().Sum(each => each.GetProperty("booked").GetInt32()),
            root.GetProperty("quarantined").GetInt32(),
            root.GetProperty("queued").GetInt32(),
            root.GetProperty("epoch").GetInt64(),
            root.GetProperty("status").GetString()!);
    }
}
