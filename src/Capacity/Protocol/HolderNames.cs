namespace Admission.Capacity;

/// <summary>What a holder's name says.</summary>
public static class HolderNames
{
    /// <summary>The process of a holder: one process is one holder of each backend, named after it with a number.</summary>
    /// <param name="holder">The holder's name.</param>
    public static string ProcessOf(string holder)
    {
        ArgumentNullException.ThrowIfNull(holder);
        return holder.LastIndexOf('-') is > 0 and var dash ? holder[..dash] : holder;
    }
}
