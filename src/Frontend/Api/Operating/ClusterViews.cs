using Admission.Grains;

namespace Admission.Frontend.Api.Operating;

/// <summary>The cluster. Times are in seconds.</summary>
/// <param name="Mode"><c>embedded</c>, where the only silo is in this process, or <c>cluster</c>.</param>
/// <param name="ClusterId">The cluster's name; null where there is none.</param>
/// <param name="Engine">What the grains run on.</param>
/// <param name="Here">The process that answers.</param>
/// <param name="Silos">The silos.</param>
/// <param name="Holders">The processes that hold permits, gateways above all: those that have an account with some ledger.</param>
/// <param name="Lacks">What is not known, and why.</param>
internal sealed record ClusterView(
    string Mode, string? ClusterId, EngineInfo Engine, ProcessView Here, IReadOnlyList<SiloView> Silos, IReadOnlyList<GatewayView> Holders, IReadOnlyList<string> Lacks);

/// <summary>The process that answers.</summary>
/// <param name="Name">Its name among the holders.</param>
/// <param name="Host">Its machine.</param>
/// <param name="ProcessId">Its number there.</param>
/// <param name="Version">The product's version.</param>
/// <param name="UpFor">How long it has run.</param>
internal sealed record ProcessView(string Name, string Host, int ProcessId, string Version, double UpFor);

/// <summary>A silo.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Host">Its machine.</param>
/// <param name="Address">Where other silos reach it; null in the embedded default.</param>
/// <param name="Status">Created, joining, active, shutting-down, stopping or dead.</param>
/// <param name="UpFor">How long ago it started.</param>
/// <param name="Silent">How long ago it last said that it is there.</param>
/// <param name="Ledgers">Ledgers that live there; null if that is not known.</param>
/// <param name="AuthorityAge">How long ago the database confirmed its authority; null without a database.</param>
internal sealed record SiloView(string Name, string Host, string? Address, string Status, double UpFor, double Silent, int? Ledgers, double? AuthorityAge);

/// <summary>A process that holds permits.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsHere">It is the one that answers.</param>
/// <param name="Backends">Backends of which it is a holder.</param>
/// <param name="Booked">Permits that it has or may have, over all of them.</param>
/// <param name="InUse">Those that it last reported in use.</param>
/// <param name="Queued">Its tickets that wait.</param>
/// <param name="LeaseLeft">The shortest of its leases.</param>
internal sealed record GatewayView(string Name, bool IsHere, int Backends, int Booked, int InUse, int Queued, double LeaseLeft);
