using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>Votes against silos that do not answer, and declares them dead when the votes suffice.</summary>
/// <remarks>
/// <para>A vote counts for <c>DeathVoteExpirationTimeout</c>. <c>NumVotesForDeathDeclaration</c> votes are needed, but never more than there
/// are other silos that are active and whose heartbeats go on: with two silos one vote is enough. Where two silos that reach the table do not
/// reach each other, the one that writes first stays.</para>
/// <para>A vote and its count are one conditional write, so two silos never both believe that the other's vote is still missing.</para>
/// </remarks>
internal sealed partial class Suspicion(
    LocalSilo local, StatusWriter writer, TableReader reader, Heartbeats heartbeats, ClusterMembershipOptions options, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan WriteBound = TimeSpan.FromSeconds(5);

    /// <summary>Votes against a silo. Failing is no error: while it does not answer, it is tried again.</summary>
    /// <param name="silo">Which.</param>
    /// <param name="measured">When the last missed probe ended; a vote that is delayed by much, because this process stood still, is not cast.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task VoteAsync(SiloAddress silo, long measured, CancellationToken cancellation)
    {
        using var bound = new CancellationTokenSource(WriteBound, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        try
        {
            var written = await writer.ChangeAsync(silo, (row, snapshot) => Decide(row, snapshot, measured), linked.Token);
            if (written is { Status: SiloStatus.Dead })
            {
                LogDeclaredDead(silo, string.Join(", ", written.Votes.Select(vote => vote.Voter)));
            }
            else if (written is not null)
            {
                LogVoted(silo, written.Votes.Length);
            }
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            reader.Missed(exception);
        }
    }

    private MemberRow? Decide(MemberRow row, TableSnapshot snapshot, long measured)
    {
        if (row.Status == SiloStatus.Dead || time.GetElapsedTime(measured) > 2 * options.ProbeTimeout
            || snapshot.Find(local.Address) is not { Status: SiloStatus.Active })
        {
            return null;
        }

        var now = time.GetUtcNow().UtcDateTime;
        var others = row.Votes
            .Where(vote => !vote.Voter.Equals(local.Address)
                && now - vote.Time < options.DeathVoteExpirationTimeout
                && snapshot.Find(vote.Voter) is { Status: not SiloStatus.Dead })
            .ToList();
        var electorate = snapshot.Rows.Count(voter => voter.Status == SiloStatus.Active && !voter.Address.Equals(row.Address)
            && (voter.Address.Equals(local.Address) || !heartbeats.IsStale(voter.Address)));
        var votes = others.Append(new Vote(local.Address, now));
        if (others.Count + 1 >= Math.Min(options.NumVotesForDeathDeclaration, electorate))
        {
            return row with { Status = SiloStatus.Dead, Votes = [.. votes] };
        }

        var voted = row.Votes.Any(vote => vote.Voter.Equals(local.Address) && now - vote.Time < options.DeathVoteExpirationTimeout / 2);
        return voted ? null : row with { Votes = [.. votes] };
    }

    [LoggerMessage(9311, LogLevel.Warning, "Silo {Silo} does not answer; it now has {Votes} vote(s) against it, which are not enough yet")]
    private partial void LogVoted(SiloAddress silo, int votes);

    [LoggerMessage(9312, LogLevel.Warning, "Silo {Silo} does not answer and is declared dead, by the votes of {Voters}")]
    private partial void LogDeclaredDead(SiloAddress silo, string voters);
}
