namespace Orleans.Fallback.Engine;

/// <summary>Whether the silo, or the client, takes requests.</summary>
internal sealed class SiloGate(string refusal)
{
    private volatile string? _refusal = refusal;

    /// <summary>Why not; null when it does.</summary>
    public string? Refusal
    {
        get => _refusal;
        set => _refusal = value;
    }
}
