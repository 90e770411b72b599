using System.Collections.Immutable;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>Says what of one API is not in another.</summary>
public static class ApiComparer
{
    /// <summary>Interfaces that the application implements: it must implement exactly what real Orleans asks for.</summary>
    private static readonly ImmutableHashSet<string> ImplementedByApplications =
    [
        "Orleans.IGrain", "Orleans.IGrainBase", "Orleans.IGrainObserver", "Orleans.IGrainWithStringKey", "Orleans.IGrainWithIntegerKey",
        "Orleans.IGrainWithGuidKey", "Orleans.Runtime.IAddressable", "Orleans.Runtime.IGrainTimer", "Orleans.Core.IStorage",
        "Orleans.Core.IStorage`1", "Orleans.IConfigurationValidator",
    ];

    /// <summary>One line for each type or member of <paramref name="ours"/> that <paramref name="real"/> has otherwise.</summary>
    public static IReadOnlyList<string> Differences(
        IReadOnlyDictionary<string, ApiSurface.ApiType> ours, IReadOnlyDictionary<string, ApiSurface.ApiType> real)
    {
        var differences = new List<string>();
        foreach (var our in ours.Values)
        {
            if (real.TryGetValue(our.Name, out var their))
            {
                Compare(our, their, differences);
            }
        }

        return differences;
    }

    private static void Compare(ApiSurface.ApiType our, ApiSurface.ApiType their, List<string> differences)
    {
        if (our.Head != their.Head)
        {
            differences.Add($"{our.Name}: ours is '{our.Head}', theirs is '{their.Head}'");
        }

        differences.AddRange(our.Interfaces.Except(their.Interfaces).Select(name => $"{our.Name}: theirs does not implement {name}"));
        differences.AddRange(our.Members.Except(their.Members).Select(member => $"{our.Name}: theirs has no '{member}'"));
        differences.AddRange(
            from member in our.Nullability.Keys.Intersect(their.Nullability.Keys)
            from pair in our.Nullability[member].Zip(their.Nullability[member])
            where !pair.First.AgreesWith(pair.Second)
            select $"{our.Name}: {pair.First.Place} of '{member}' has nullability {string.Join(' ', pair.First.Flags)}, "
                + $"theirs {string.Join(' ', pair.Second.Flags)}");
        if (ImplementedByApplications.Contains(our.Name))
        {
            differences.AddRange(their.Members.Except(our.Members).Select(member => $"{our.Name}: ours has no '{member}'"));
            differences.AddRange(their.Interfaces.Except(our.Interfaces).Select(name => $"{our.Name}: ours does not implement {name}"));
        }
    }
}
