using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Fallback.Engine;

/// <summary>The types of the application: of every assembly that uses Orleans and is loaded, or referenced by one that is.</summary>
internal sealed class ApplicationTypes
{
    private readonly Type[] _types;

    public ApplicationTypes()
        : this(Find())
    {
    }

    /// <summary>Exactly these types, for tests.</summary>
    public ApplicationTypes(IEnumerable<Type> types) => _types = [.. types];

    /// <summary>Classes that can be activated.</summary>
    public IEnumerable<Type> GrainClasses => _types.Where(type =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false }
        && type.IsAssignableTo(typeof(IGrain)) && type.IsAssignableTo(typeof(IGrainBase)));

    /// <summary>Interfaces of grains and observers.</summary>
    public IEnumerable<Type> Interfaces => _types.Where(type =>
        type is { IsInterface: true, ContainsGenericParameters: false } && type.IsAssignableTo(typeof(IAddressable)));

    /// <summary>Every type.</summary>
    public IReadOnlyList<Type> All => _types;

    private static IEnumerable<Type> Find()
    {
        var orleans = typeof(Grain).Assembly.GetName().Name!;
        var seen = new Dictionary<string, Assembly>(StringComparer.Ordinal);
        var queue = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic));
        if (Assembly.GetEntryAssembly() is { } entry)
        {
            queue.Enqueue(entry);
        }

        while (queue.TryDequeue(out var assembly))
        {
            // An assembly without a reference to Orleans can still lead to one that has it, but no framework assembly does.
            if (IsFramework(assembly.GetName().Name) || !seen.TryAdd(assembly.FullName!, assembly))
            {
                continue;
            }

            foreach (var reference in assembly.GetReferencedAssemblies().Where(name => !IsFramework(name.Name)))
            {
                if (!seen.ContainsKey(reference.FullName) && TryLoad(reference) is { } referenced)
                {
                    queue.Enqueue(referenced);
                }
            }
        }

        return seen.Values
            .Where(assembly => assembly.GetReferencedAssemblies().Any(reference => reference.Name == orleans))
            .SelectMany(assembly => assembly.GetTypes());
    }

    private static bool IsFramework(string? name) => name is null or "mscorlib" or "netstandard"
        || name == "System" || name.StartsWith("System.", StringComparison.Ordinal)
        || name.StartsWith("Microsoft.", StringComparison.Ordinal);

    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception exception) when (exception is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            return null;
        }
    }
}
