using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Api.Policies;

/// <summary>Changes policies for operators, and logs who did.</summary>
internal sealed partial class PolicyDesk(AdmissionClient client, TimeProvider time, ILogger<PolicyDesk> logger)
{
    /// <summary>A change that names no version is tried again so often when somebody else was faster.</summary>
    private const int MostTries = 3;

    /// <summary>How long a change may take: two writes, and the one before it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The policy of a backend; null if it has none yet.</summary>
    public async Task<PolicyDescription?> DescribeAsync(string backend, CancellationToken cancellation) =>
        await client.DescribePolicyAsync(backend, cancellation).WaitAsync(AdmissionApi.Patience, time, cancellation) is { Configured: not null } described ? described : null;

    /// <summary>Changes what is adjusted, whatever it is by then.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="by">Who.</param>
    /// <param name="change">Makes the new adjustment of the present one.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The policy then, or why it was not changed; null for both if there is no policy yet.</returns>
    public async Task<(PolicyDescription? Policy, Problem? Problem)> ChangeAsync(
        Backend backend, string by, Func<PolicyDescription, PolicyAdjustment> change, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            if (await DescribeAsync(backend.Id, cancellation) is not { } present)
            {
                return (null, null);
            }

            var (policy, problem) = await PutAsync(backend, by, present.Version, change(present), cancellation);
            if (problem is not { Status: StatusCodes.Status412PreconditionFailed })
            {
                return (policy, problem);
            }
        }

        return (null, PolicyProblems.Busy(backend.Id));
    }

    /// <summary>Puts an adjustment in place of the one of a version.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="by">Who.</param>
    /// <param name="version">The version that it is meant for.</param>
    /// <param name="adjustment">The whole adjustment.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The policy then, or why it was not changed; null for both if there is no policy.</returns>
    public async Task<(PolicyDescription? Policy, Problem? Problem)> PutAsync(
        Backend backend, string by, long version, PolicyAdjustment adjustment, CancellationToken cancellation)
    {
        var request = new AdjustmentRequest { ExpectedVersion = version, Adjustment = adjustment, By = by };
        var answer = await client.AdjustPolicyAsync(backend.Id, request, cancellation).WaitAsync(Patience, time, cancellation);
        switch (answer)
        {
            case null:
                return (null, null);
            case { IsStale: true }:
                return (null, PolicyProblems.Stale(backend.Id, ETag(answer.Version)));
            case { Errors.Length: > 0 }:
                return (null, PolicyProblems.Invalid(backend.Id, answer.Errors));
        }

        var described = await DescribeAsync(backend.Id, cancellation);
        if (answer.Version > version && described is not null)
        {
            var change = Array.Find(described.History, each => each.Version == answer.Version);
            LogChanged(backend.Id, by, string.Join(", ", (change?.Fields ?? []).Select(field => $"{field.Field} {field.From ?? "-"} -> {field.To ?? "-"}")), answer.Version);
        }

        return (described, null);
    }

    /// <summary>The ETag of a version.</summary>
    public static string ETag(long version) => $"\"{version.ToString(System.Globalization.CultureInfo.InvariantCulture)}\"";

    [LoggerMessage(2210, LogLevel.Information, "The policy of the backend '{Backend}' was changed by {By}: {Changes} (version {Version}).")]
    private partial void LogChanged(string backend, string by, string changes, long version);
}
