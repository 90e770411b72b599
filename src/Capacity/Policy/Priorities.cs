namespace Admission.Capacity;

/// <summary>The priorities of tickets: smaller is served first, 0 to 99.</summary>
public static class Priorities
{
    /// <summary>The first served.</summary>
    public const int Critical = 0;

    /// <summary>The default.</summary>
    public const int Normal = 10;

    /// <summary>For work that can wait.</summary>
    public const int Background = 20;

    /// <summary>The last served.</summary>
    public const int Lowest = 99;
}
