using Admission.Grains;

namespace Admission.Dashboard.Feed;

/// <summary>The cluster, as far as this process can know.</summary>
/// <param name="At">When this was found out.</param>
/// <param name="Mode"><c>embedded</c>, where the only silo is in this process, or <c>cluster</c>.</param>
/// <param name="ClusterId">The cluster's name; null where there is none.</param>
/// <param name="Engine">What the grains of this process run on.</param>
/// <param name="Here">This process.</param>
/// <param name="Silos">The silos.</param>
/// <param name="Holders">The processes that have an account with some ledger, gateways above all; at most 500.</param>
/// <param name="Faults">What ledgers have gone through since they began, and what was seen while somebody looked, the newest first; at most 200.</param>
/// <param name="Lacks">What is not known, and why.</param>
public sealed record ClusterPage(
    DateTimeOffset At, string Mode, string? ClusterId, EngineInfo Engine, ProcessRow Here, IReadOnlyList<SiloPage> Silos, IReadOnlyList<ProcessHolds> Holders, IReadOnlyList<FaultRow> Faults,
    IReadOnlyList<string> Lacks);

/// <summary>This process.</summary>
/// <param name="Name">Its name among the holders; its machine's where it is none.</param>
/// <param name="Host">Its machine.</param>
/// <param name="ProcessId">Its number there.</param>
/// <param name="Version">The product's version.</param>
/// <param name="Since">When it started.</param>
public sealed record ProcessRow(string Name, string Host, int ProcessId, string Version, DateTimeOffset Since);

/// <summary>A silo.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Host">Its machine.</param>
/// <param name="Address">Where other silos reach it; null in the embedded default.</param>
/// <param name="Status"><c>created</c>, <c>joining</c>, <c>active</c>, <c>shutting-down</c>, <c>stopping</c>, <c>dead</c> or <c>unknown</c>.</param>
/// <param name="UpFor">How long ago it started.</param>
/// <param name="Silent">How long ago it last said that it is there.</param>
/// <param name="Ledgers">Ledgers that live there; null if that is not known.</param>
/// <param name="AuthorityAge">How long ago the database confirmed its authority; null without a database.</param>
public sealed record SiloPage(string Name, string Host, string? Address, string Status, TimeSpan UpFor, TimeSpan Silent, int? Ledgers, TimeSpan? AuthorityAge);

/// <summary>A process that holds permits.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsHere">It is this process.</param>
/// <param name="Backends">Backends of which it is a holder.</param>
/// <param name="Booked">Permits that it has or may have.</param>
/// <param name="InUse">Those that it last reported in use.</param>
/// <param name="Waiting">Its tickets that wait.</param>
/// <param name="LeaseLeft">The shortest of its leases.</param>
public sealed record ProcessHolds(string Name, bool IsHere, int Backends, int Booked, int InUse, int Waiting, TimeSpan LeaseLeft);
