using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Fallback.Contracts;

/// <summary>The serialized members of a message type, its base types' included, and what is wrong with them.</summary>
/// <remarks>
/// Members are fields and automatic properties with <see cref="IdAttribute"/>, and the parameters of a record's primary constructor. What
/// has no id is not carried, exactly as in Orleans, where an analyzer says so at build; here it is an error at start.
/// </remarks>
internal sealed class MessageContract
{
    // [NonSerialized] in metadata; its named constant is obsolete.
    private const FieldAttributes NotSerialized = (FieldAttributes)0x0080;

    private const string BaseLevel = "^";

    private static readonly ConcurrentDictionary<Type, MessageContract> Known = new();

    private MessageContract(Type type)
    {
        var members = new List<FieldInfo>();
        var keyed = new List<(string Prefix, uint Id, string Name, FieldInfo Field)>();
        var errors = new List<string>();
        var prefix = "";
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            AddLevel(level, prefix, keyed, errors);
            prefix += BaseLevel;
        }

        members.AddRange(keyed.Select(member => member.Field));
        Members = members;
        Keys = [.. keyed
            .OrderBy(member => member.Prefix.Length).ThenBy(member => member.Id)
            .Select(member => KeyValuePair.Create(member.Prefix + member.Name, member.Field))];
        Errors = errors;
    }

    /// <summary>The fields that are carried.</summary>
    public IReadOnlyList<FieldInfo> Members { get; }

    /// <summary>
    /// The same fields with their names on the wire, in the order in which they are written. A name is the id, after one <c>^</c> for each
    /// level between the type and the base type that declares the member.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, FieldInfo>> Keys { get; }

    /// <summary>What is missing.</summary>
    public IReadOnlyList<string> Errors { get; }

    public static MessageContract Of(Type type) => Known.GetOrAdd(type, static type => new MessageContract(type));

    private static void AddLevel(
        Type level, string prefix, List<(string Prefix, uint Id, string Name, FieldInfo Field)> members, List<string> errors)
    {
        const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        var fields = level.GetFields(Declared);
        if (TypeRules.IsTuple(level))
        {
            members.AddRange(fields.Select(field => (prefix, 0u, field.Name, field)));
            return;
        }

        var name = level.ToString();
        if (!level.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
        {
            errors.Add($"{name} lacks [GenerateSerializer]");
        }

        if (!level.IsDefined(typeof(AliasAttribute), inherit: false))
        {
            errors.Add($"{name} lacks [Alias(\"...\")]");
        }

        var properties = level.GetProperties(Declared).ToDictionary(property => property.Name);
        var constructor = PrimaryConstructorParameters(level);
        var ids = new HashSet<uint>();
        foreach (var field in fields)
        {
            var property = PropertyOf(field) is { } propertyName ? properties.GetValueOrDefault(propertyName) : null;
            var member = (MemberInfo?)property ?? field;
            if (member.GetCustomAttribute<IdAttribute>() is { } id)
            {
                members.Add((prefix, id.Id, id.Id.ToString(CultureInfo.InvariantCulture), field));
                if (!ids.Add(id.Id))
                {
                    errors.Add($"{name}.{member.Name} has [Id({id.Id})], which another member has too");
                }
            }
            else if (property is not null && constructor.Contains(property.Name))
            {
                members.Add((prefix, uint.MaxValue, property.Name, field));
            }
            else if (!field.Attributes.HasFlag(NotSerialized))
            {
                errors.Add($"{name}.{member.Name} lacks [Id(n)] (or [NonSerialized], if it is not to be carried)");
            }
        }
    }

    private static string? PropertyOf(FieldInfo field) =>
        field.IsDefined(typeof(CompilerGeneratedAttribute)) && field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>')] : null;

    private static HashSet<string> PrimaryConstructorParameters(Type type)
    {
        // Only records have this method, and their primary constructor is the one whose parameters are all properties of theirs.
        if (type.GetMethod("<Clone>$") is null && type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is null)
        {
            return [];
        }

        var all = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(constructor => constructor.GetParameters())
            .Where(parameters => parameters.Length > 0
                && parameters.All(parameter => type.GetProperty(parameter.Name!)?.PropertyType == parameter.ParameterType))
            .MaxBy(parameters => parameters.Length);
        return all is null ? [] : [.. all.Select(parameter => parameter.Name!)];
    }
}
