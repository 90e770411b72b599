namespace Admission.Capacity;

/// <summary>What counts as too much for the backend, whatever the time in use says.</summary>
internal static class Congestion
{
    /// <summary>From this share of answers on that say "overloaded", or of none in time, the limit is lowered: more than the odd failure of a healthy server.</summary>
    public const double MostOverloaded = 0.05;
}
