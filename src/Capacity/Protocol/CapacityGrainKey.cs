namespace Admission.Capacity;

/// <summary>The key of a backend's <see cref="ICapacityGrain"/>, made from the backend's id in this one place.</summary>
/// <remarks>
/// The id alone will not do: Orleans' ADO.NET storage takes every key that reads as a hexadecimal number or as a GUID for one, also before a plus sign, so the backends <c>1</c> and
/// <c>01</c>, or <c>a</c> and <c>0a</c>, would share one record.
/// </remarks>
public static class CapacityGrainKey
{
    private const string Prefix = "backend/";
    private const string ShadowSuffix = " (shadow)";

    /// <summary>The key of a backend's grain.</summary>
    /// <param name="backend">The backend's id.</param>
    public static string Of(string backend) => Prefix + backend;

    /// <summary>The id under which a backend's policy is decided in shadow, with a ledger of its own. No backend may have such an id.</summary>
    /// <param name="backend">The backend's id.</param>
    public static string ShadowOf(string backend) => backend + ShadowSuffix;

    /// <summary>Whether an id was made by <see cref="ShadowOf"/>.</summary>
    /// <param name="backend">The id.</param>
    public static bool IsShadow(string backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        return backend.EndsWith(ShadowSuffix, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The backend whose policy is decided in shadow under an id; any other id is a backend's own.</summary>
    /// <param name="id">The id.</param>
    public static string ShadowedBy(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return IsShadow(id) ? id[..^ShadowSuffix.Length] : id;
    }

    /// <summary>The backend of a grain.</summary>
    /// <param name="key">The grain's key.</param>
    /// <returns>The backend's id.</returns>
    /// <exception cref="ArgumentException">The key was not made by <see cref="Of"/>. A second grain for the same backend would be a second ledger.</exception>
    public static string BackendOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.StartsWith(Prefix, StringComparison.Ordinal) ? key[Prefix.Length..]
            : throw new ArgumentException($"'{key}' is not the key of a capacity grain. Ask for the grain with CapacityGrainKey.Of.", nameof(key));
    }
}
