using System.Collections.Immutable;
using System.Globalization;
using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>A silo's word that it has not heard from another.</summary>
/// <param name="Voter">Who says it.</param>
/// <param name="Time">When, in UTC by the voter's clock.</param>
internal sealed record Vote(SiloAddress Voter, DateTime Time)
{
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss.fff 'GMT'";

    /// <summary>Votes as the table has them.</summary>
    public static string? Print(ImmutableArray<Vote> votes) => votes.IsEmpty
        ? null
        : string.Join('|', votes.Select(vote => $"{vote.Voter.ToParsableString()},{vote.Time.ToString(TimeFormat, CultureInfo.InvariantCulture)}"));

    /// <summary>Reads what <see cref="Print"/> wrote.</summary>
    public static ImmutableArray<Vote> Parse(string? text) => string.IsNullOrWhiteSpace(text)
        ? []
        : [.. text.Split('|').Select(vote => vote.Split(',')).Select(parts => new Vote(
            SiloAddress.FromParsableString(parts[0]),
            DateTime.ParseExact(
                parts[1], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)))];
}

/// <summary>A row of the membership table: one run of one silo.</summary>
/// <param name="Address">Which.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="SiloName">Its name, for logs.</param>
/// <param name="HostName">Its machine, for logs.</param>
/// <param name="GatewayPort">Where it listens for clients; 0 for nowhere.</param>
/// <param name="StartTime">When it started, in UTC by its clock.</param>
/// <param name="IAmAliveTime">Its last heartbeat, in UTC by its clock.</param>
/// <param name="Votes">Who suspects it.</param>
internal sealed record MemberRow(
    SiloAddress Address, SiloStatus Status, string SiloName, string HostName, int GatewayPort, DateTime StartTime, DateTime IAmAliveTime,
    ImmutableArray<Vote> Votes)
{
    /// <summary>Whether it still answers when it is asked for a sign of life.</summary>
    public bool Answers => Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping;
}

/// <summary>The membership table of a cluster at one moment.</summary>
/// <param name="Version">Grows with each write but heartbeats; -1 before the first silo.</param>
/// <param name="Rows">All rows.</param>
internal sealed record TableSnapshot(int Version, ImmutableArray<MemberRow> Rows)
{
    /// <summary>The row of one run of a silo.</summary>
    public MemberRow? Find(SiloAddress silo) => Rows.FirstOrDefault(row => row.Address.Equals(silo));

    /// <summary>What the rest of the engine sees of it.</summary>
    public ClusterView ToView() =>
        new(Version, [.. Rows.Select(row => new ClusterMember(row.Address, row.Status, row.SiloName, row.GatewayPort))]);
}
