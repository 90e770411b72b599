namespace Admission.Frontend.Api.Operating;

/// <summary>All backends at a glance, at one instant.</summary>
/// <param name="At">When, by the clock of the gateway that answers.</param>
/// <param name="Backends">The backends, by name.</param>
internal sealed record GlancesView(DateTimeOffset At, IReadOnlyList<GlanceView> Backends);

/// <summary>One backend at a glance: short enough to be asked for every second. What is not known is null. Durations are in seconds.</summary>
/// <param name="Id">The backend.</param>
/// <param name="Status">As in <see cref="BackendView"/>.</param>
/// <param name="Limit">The limit in force.</param>
/// <param name="InUse">Permits in use.</param>
/// <param name="Idle">Permits that holders keep.</param>
/// <param name="Quarantined">Permits of lost holders whose work may still run.</param>
/// <param name="Waiting">Requests that wait.</param>
/// <param name="QueueCapacity">How many may; 0 for none.</param>
/// <param name="ServedPerSecond">Requests a second that got their permit, over the last 10 to 15 s.</param>
/// <param name="RefusedPerSecond">Requests a second that were refused, by the ledger or by a gateway, over the last 10 to 15 s.</param>
/// <param name="WaitP50">Half of those that got a permit in the last 30 to 60 s waited no longer; null if there were none.</param>
/// <param name="WaitP99">99 of 100 of them waited no longer.</param>
/// <param name="SaturatedFor">For how long no permit has been free; null if one is.</param>
/// <param name="Destinations">Destinations with limits of their own.</param>
/// <param name="Withheld">Those of them that are withheld or on trial.</param>
/// <param name="Holders">Processes that hold permits.</param>
/// <param name="Paused">An operator has paused it.</param>
/// <param name="Adjusted">An operator has changed its policy.</param>
/// <param name="Epoch">The ledger's epoch.</param>
/// <param name="Silo">Where the ledger lives.</param>
/// <param name="Error">Why the ledger does not answer.</param>
internal sealed record GlanceView(
    string Id, string Status, int? Limit, int? InUse, int? Idle, int? Quarantined, int? Waiting, int? QueueCapacity, double? ServedPerSecond, double? RefusedPerSecond, double? WaitP50, double? WaitP99,
    double? SaturatedFor, int? Destinations, int? Withheld, int? Holders, bool Paused, bool Adjusted, long? Epoch, string? Silo, string? Error);
