using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>Checks the times and numbers of the membership protocol; every mistake is told at once.</summary>
internal sealed class MembershipOptionsValidator(IOptions<ClusterMembershipOptions> options) : IConfigurationValidator
{
    // Timers end at 49 days.
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromDays(40);

    public void ValidateConfiguration()
    {
        var value = options.Value;
        (string Name, bool IsRight, string Bound, object Value)[] settings =
        [
            Period(nameof(value.ProbeTimeout), value.ProbeTimeout),
            Period(nameof(value.TableRefreshTimeout), value.TableRefreshTimeout),
            Positive(nameof(value.DeathVoteExpirationTimeout), value.DeathVoteExpirationTimeout),
            Period(nameof(value.IAmAliveTablePublishTimeout), value.IAmAliveTablePublishTimeout),
            Period(nameof(value.MaxJoinAttemptTime), value.MaxJoinAttemptTime),
            Positive(nameof(value.DefunctSiloExpiration), value.DefunctSiloExpiration),
            Period(nameof(value.DefunctSiloCleanupPeriod), value.DefunctSiloCleanupPeriod ?? LongestPeriod),
            Positive(nameof(value.NumMissedTableIAmAliveLimit), value.NumMissedTableIAmAliveLimit),
            Positive(nameof(value.NumProbedSilos), value.NumProbedSilos),
            Positive(nameof(value.NumMissedProbesLimit), value.NumMissedProbesLimit),
            Positive(nameof(value.NumVotesForDeathDeclaration), value.NumVotesForDeathDeclaration),
        ];
        var wrong = settings.Where(setting => !setting.IsRight).Select(setting => $"{setting.Name} must be more than zero{setting.Bound} and is {setting.Value}").ToList();
        if (value.NumVotesForDeathDeclaration > value.NumProbedSilos)
        {
            wrong.Add($"{nameof(value.NumVotesForDeathDeclaration)} is {value.NumVotesForDeathDeclaration}, and must be at most "
                + $"{nameof(value.NumProbedSilos)}, which is {value.NumProbedSilos}: no silo is probed by more");
        }

        if (wrong.Count > 0)
        {
            throw new OrleansConfigurationException($"{nameof(ClusterMembershipOptions)}: {string.Join("; ", wrong)}.");
        }
    }

    private static (string Name, bool IsRight, string Bound, object Value) Period(string name, TimeSpan value) =>
        (name, value > TimeSpan.Zero && value <= LongestPeriod, $", at most {LongestPeriod.Days} days,", value);

    private static (string Name, bool IsRight, string Bound, object Value) Positive(string name, TimeSpan value) =>
        (name, value > TimeSpan.Zero, "", value);

    private static (string Name, bool IsRight, string Bound, object Value) Positive(string name, int value) => (name, value > 0, "", value);
}
