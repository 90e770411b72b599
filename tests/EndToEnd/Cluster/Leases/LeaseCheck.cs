using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Admission.EndToEnd.Cluster.Load;
using Admission.EndToEnd.Cluster.Processes;

namespace Admission.EndToEnd.Cluster.Leases;

/// <summary>
/// After the last holder has ended: every lease has come back, also those of holders that were killed; all of the limit can be leased, and not one more; and who releases twice is heard once.
/// </summary>
internal sealed class LeaseCheck(ClusterUnderTest cluster)
{
    private const int WaitSeconds = 1;

    private static readonly string[] Counts = ["leases", "inUse", "queued"];

    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AskBound = TimeSpan.FromSeconds(15);

    /// <summary>What is missing, in words; empty when nothing is.</summary>
    /// <param name="mayBeSlow">Whether ledgers were lost: a successor counts the leases of the record anew, after its predecessor's authority.</param>
    public async Task<IReadOnlyList<string>> FindAsync(bool mayBeSlow) =>
        [.. (await Task.WhenAll(cluster.Plan.Leased.Select(plan => FindAsync(plan, plan.AtLedger + Margin + (mayBeSlow ? cluster.Plan.AuthorityTtl * 1.02 : TimeSpan.Zero))))).SelectMany(found => found)];

    private async Task<IReadOnlyList<string>> FindAsync(LeasedPlan plan, TimeSpan bound)
    {
        var (begun, state) = (Clock.Now, "nobody says");
        try
        {
            await Until.TrueAsync(
                async () =>
                {
                    await Task.Delay(100);
                    var left = await AskAsync("GET", $"/admission/v1/backends/{plan.Id}", null);
                    if (left is not { } known)
                    {
                        return false;
                    }

                    state = string.Join(", ", Counts.Select(count => $"{Of(known, count)?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} {count}"));
                    return Counts.All(count => Of(known, count) == 0);
                },
                bound,
                () => state);
        }
        catch (TimeoutException)
        {
            return [$"{plan.Id}: {state}, {bound.TotalSeconds:F0} s after the last holder has ended"];
        }

        cluster.Log.Note($"{plan.Id}: no lease is left, {Clock.Since(begun).TotalSeconds:F1} s after the last holder has ended");
        return [.. await TakeAllAsync(plan)];
    }

    private async Task<List<string>> TakeAllAsync(LeasedPlan plan)
    {
        var wanted = JsonSerializer.Serialize(new { leases = Enumerable.Repeat(new { ttl = plan.Ttl.TotalSeconds, wait = WaitSeconds }, plan.Limit + 1) });
        if (await AskAsync("POST", $"/admission/v1/backends/{plan.Id}/leases/batch", wanted) is not { } taken)
        {
            return [$"{plan.Id}: no gateway says whether all of the limit can be leased"];
        }

        var statuses = Statuses(taken);
        var ids = JsonSerializer.Serialize(new { ids = taken.GetProperty("results").EnumerateArray().Where(each => each.GetProperty("status").GetInt32() == 201).Select(each => each.GetProperty("id").GetString()) });
        var found = new List<string>();
        Compare(found, $"{plan.Id}: taking {plan.Limit + 1} leases", statuses, [.. Enumerable.Repeat(201, plan.Limit), 503]);
        foreach (var (what, status) in new[] { ("release", 204), ("release", 204), ("renew", 410) })
        {
            var answer = await AskAsync("POST", $"/admission/v1/backends/{plan.Id}/leases/{what}", ids);
            Compare(found, $"{plan.Id}: {what} of all", answer is { } known ? Statuses(known) : [], [.. Enumerable.Repeat(status, plan.Limit)]);
        }

        return found;
    }

    private static void Compare(List<string> found, string what, IReadOnlyList<int> seen, IReadOnlyList<int> expected)
    {
        if (!seen.Order().SequenceEqual(expected.Order()))
        {
            found.Add($"{what} was answered {string.Join(" ", seen)}, and not {string.Join(" ", expected)}");
        }
    }

    private static List<int> Statuses(JsonElement answer) => [.. answer.GetProperty("results").EnumerateArray().Select(each => each.GetProperty("status").GetInt32())];

    private static int? Of(JsonElement backend, string count) => backend.TryGetProperty(count, out var number) && number.ValueKind == JsonValueKind.Number ? number.GetInt32() : null;

    // Null where no gateway has a whole answer.
    private async Task<JsonElement?> AskAsync(string method, string target, string? body)
    {
        foreach (var frontend in cluster.Balancer.Frontends)
        {
            using var timeout = new CancellationTokenSource(AskBound);
            try
            {
                var answer = method == "GET"
                    ? await frontend.AskAsync(target, AskBound)
                    : await PostAsync(frontend, target, body!, timeout.Token);
                if (answer.Status == 200)
                {
                    using var document = JsonDocument.Parse(answer.Body);
                    return document.RootElement.Clone();
                }
            }
            catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
            {
                // The next one.
            }
        }

        return null;
    }

    private static async Task<HttpAnswer> PostAsync(ServerTarget frontend, string target, string body, CancellationToken cancellation)
    {
        using var connection = await frontend.ConnectAsync(cancellation);
        var headers = $"Authorization: Bearer {HolderProcesses.Key}\r\nContent-Type: application/json\r\nConnection: close\r\n";
        await connection.SendAsync("POST", target, headers, Encoding.UTF8.GetBytes(body), cancellation);
        return await connection.ReadAsync(cancellation);
    }
}
