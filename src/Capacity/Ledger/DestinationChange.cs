namespace Admission.Capacity;

/// <summary>What has become of a destination, for the log.</summary>
/// <param name="Destination">Its name; empty where the policy names none.</param>
/// <param name="From">What it was sent before.</param>
/// <param name="To">What it is sent now.</param>
/// <param name="For">The pause before its next trial, or the length of its slow start; else zero.</param>
public readonly record struct DestinationChange(string Destination, DestinationCondition From, DestinationCondition To, TimeSpan For);
