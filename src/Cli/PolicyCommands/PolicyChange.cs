using System.Text.Json.Nodes;
using Admission.Cli.Gateway;
using Admission.Cli.Output;
using Admission.Frontend.Api.Policies;

namespace Admission.Cli.PolicyCommands;

/// <summary>Changes a policy as it was seen: what is to be changed from what, asked, sent with the version that was looked at, and told.</summary>
internal static class PolicyChange
{
    private const string MergePatch = "application/merge-patch+json";

    /// <summary>The policy, and its ETag.</summary>
    public static async Task<(PolicyResourceView Policy, string ETag)> LookAsync(Session session, string backend)
    {
        var answer = await session.GetAsync(AdminApi.Backend(backend, "/policy"));
        return (answer.As<PolicyResourceView>(), answer.ETag ?? "*");
    }

    /// <summary>Sends a merge patch.</summary>
    public static Task<int> PatchAsync(Session session, string backend, JsonObject patch, string etag) =>
        TellAsync(session, backend, session.Api.AskAsync(HttpMethod.Patch, AdminApi.Backend(backend, "/policy"), session.Stop, new JsonContent(patch, MergePatch), etag));

    /// <summary>Tells what has come of a change.</summary>
    /// <exception cref="CommandFailedException">It was not made.</exception>
    public static async Task<int> TellAsync(Session session, string backend, Task<ApiAnswer> change)
    {
        var answer = await change;
        if (answer.Problem is { Reason: "policy-changed" })
        {
            var now = await LookAsync(session, backend);
            throw new CommandFailedException(ExitCodes.Refused, $"The policy of '{backend}' has been changed meanwhile{LastChange(now.Policy)}. Nothing was changed; look at it again: admission history {backend}.");
        }

        if (answer.Problem is { } problem)
        {
            throw await ApiFailures.OfAsync(session.Api, problem, session.Stop);
        }

        if (session.WantsJson)
        {
            session.Print(answer.Body);
            return ExitCodes.Done;
        }

        var policy = answer.As<PolicyResourceView>();
        session.Sheet.Line($"{policy.Backend}: {(policy.LastChange is { } last ? Words(last.Changes, last.More) : "changed")} (policy version {policy.Version}).");
        foreach (var misfit in policy.NotApplied)
        {
            session.Sheet.Line(new Cell($"  not applied: {misfit}", Level.Watch));
        }

        return ExitCodes.Done;
    }

    /// <summary>Settings that have changed, in words.</summary>
    public static string Words(IReadOnlyList<FieldChangeView> changes, int more) =>
        string.Join(", ", changes.Select(Word).Concat(more > 0 ? [$"and {more} more"] : []));

    private static string Word(FieldChangeView change) => change is { From: null, To: null } ? change.Field : $"{change.Field} {change.From ?? "none"} -> {change.To ?? "none"}";

    private static string LastChange(PolicyResourceView policy) =>
        policy.LastChange is { } last ? $" by {last.By ?? "the configuration"} ({Words(last.Changes, last.More)})" : "";
}
