using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>
/// The public surface of an assembly as text: for each public type its head (kind, base, constraints) and each member that a caller
/// or a derived class can see, with everything that a compiler looks at: parameter names and modifiers, optional values, constraints,
/// virtual and abstract. Read from metadata, so that the assembly's own references need not be there.
/// </summary>
public sealed class ApiSurface
{
    private static readonly SignatureText Text = new();

    private readonly MetadataReader _reader;

    private ApiSurface(MetadataReader reader) => _reader = reader;

    /// <summary>One type: its namespace, its head, what it implements, and its members.</summary>
    public sealed record ApiType(
        string Name,
        string Namespace,
        string Head,
        ImmutableSortedSet<string> Interfaces,
        ImmutableSortedSet<string> Members,
        IReadOnlyDictionary<string, ImmutableArray<Nullability>> Nullability);

    /// <summary>Reads every public type.</summary>
    public static ImmutableSortedDictionary<string, ApiType> Read(string path)
    {
        using var pe = new PEReader(File.OpenRead(path));
        var surface = new ApiSurface(pe.GetMetadataReader());
        return surface.Types().ToImmutableSortedDictionary(type => type.Name, type => type, StringComparer.Ordinal);
    }

    private IEnumerable<ApiType> Types()
    {
        foreach (var handle in _reader.TypeDefinitions)
        {
            if (IsVisible(handle))
            {
                yield return ReadType(handle);
            }
        }
    }

    private bool IsVisible(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        return (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem =>
                IsVisible(type.GetDeclaringType()),
            _ => false,
        };
    }

    private ApiType ReadType(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        var names = new SignatureText.Names(ParameterNames(type.GetGenericParameters()), []);
        var name = Text.GetTypeFromDefinition(_reader, handle, 0);
        var baseType = type.BaseType.IsNil ? "" : TypeName(type.BaseType, names);
        var kind = Kind(type.Attributes, baseType);
        var head = $"{kind} {name}{Generics(type.GetGenericParameters(), names)}"
            + (kind is "interface" or "enum" or "delegate" || baseType.Length == 0 ? "" : " : " + baseType);

        var members = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        var nullability = new Dictionary<string, ImmutableArray<Nullability>>(StringComparer.Ordinal);
        foreach (var method in type.GetMethods())
        {
            if (AddMethod(members, method, names) is { } text)
            {
                nullability[text] = Nullability.Of(_reader, method);
            }
        }

        foreach (var field in type.GetFields())
        {
            AddField(members, field, names);
        }

        foreach (var property in type.GetProperties())
        {
            AddProperty(members, property, names);
        }

        var interfaces = type.GetInterfaceImplementations()
            .Select(i => TypeName(_reader.GetInterfaceImplementation(i).Interface, names))
            .ToImmutableSortedSet(StringComparer.Ordinal);
        return new ApiType(name, NamespaceOf(handle), head, interfaces, members.ToImmutable(), nullability);
    }

    private string? AddMethod(ImmutableSortedSet<string>.Builder members, MethodDefinitionHandle handle, SignatureText.Names typeNames)
    {
        var method = _reader.GetMethodDefinition(handle);
        if (Access((MethodAttributes)((int)method.Attributes & (int)MethodAttributes.MemberAccessMask)) is not { } access)
        {
            return null;
        }

        var names = typeNames with { Method = ParameterNames(method.GetGenericParameters()) };
        var signature = method.DecodeSignature(Text, names);
        var parameters = Parameters(method, signature);
        var modifiers = Modifiers(method.Attributes);
        var text = $"{access} {modifiers}{signature.ReturnType} {_reader.GetString(method.Name)}"
            + $"{Generics(method.GetGenericParameters(), names)}({string.Join(", ", parameters)})";
        _ = members.Add(text);
        return text;
    }

    private void AddField(ImmutableSortedSet<string>.Builder members, FieldDefinitionHandle handle, SignatureText.Names names)
    {
        var field = _reader.GetFieldDefinition(handle);
        if (Access((MethodAttributes)((int)field.Attributes & (int)FieldAttributes.FieldAccessMask)) is not { } access)
        {
            return;
        }

        var value = field.GetDefaultValue().IsNil ? "" : " = " + Constant(field.GetDefaultValue());
        var modifiers = (field.Attributes.HasFlag(FieldAttributes.Static) ? "static " : "")
            + (field.Attributes.HasFlag(FieldAttributes.InitOnly) ? "readonly " : "");
        _ = members.Add($"{access} field {modifiers}{field.DecodeSignature(Text, names)} {_reader.GetString(field.Name)}{value}");
    }

    private void AddProperty(ImmutableSortedSet<string>.Builder members, PropertyDefinitionHandle handle, SignatureText.Names names)
    {
        // Accessors are compared as methods; the property itself, so that a pair of methods is not taken for one.
        var property = _reader.GetPropertyDefinition(handle);
        var accessors = property.GetAccessors();
        var visible = new[] { accessors.Getter, accessors.Setter }.Any(accessor => !accessor.IsNil
            && Access(_reader.GetMethodDefinition(accessor).Attributes & MethodAttributes.MemberAccessMask) is not null);
        if (visible)
        {
            _ = members.Add($"property {property.DecodeSignature(Text, names).ReturnType} {_reader.GetString(property.Name)}");
        }
    }

    private IEnumerable<string> Parameters(MethodDefinition method, MethodSignature<string> signature)
    {
        var texts = signature.ParameterTypes.ToArray();
        foreach (var handle in method.GetParameters())
        {
            var parameter = _reader.GetParameter(handle);
            if (parameter.SequenceNumber == 0)
            {
                continue;
            }

            var isThis = HasAttribute(parameter.GetCustomAttributes(), "System.ParamArrayAttribute") ? "params " : "";
            var direction = parameter.Attributes.HasFlag(ParameterAttributes.Out) ? "out " : "";
            var value = parameter.GetDefaultValue().IsNil
                ? parameter.Attributes.HasFlag(ParameterAttributes.Optional) ? " = default" : ""
                : " = " + Constant(parameter.GetDefaultValue());
            ref var text = ref texts[parameter.SequenceNumber - 1];
            text = $"{isThis}{direction}{text} {_reader.GetString(parameter.Name)}{value}";
        }

        return HasAttribute(method.GetCustomAttributes(), "System.Runtime.CompilerServices.ExtensionAttribute")
            ? texts.Select((text, index) => index == 0 ? "this " + text : text)
            : texts;
    }

    private string Generics(GenericParameterHandleCollection parameters, SignatureText.Names names)
    {
        if (parameters.Count == 0)
        {
            return "";
        }

        var texts = parameters.Select(_reader.GetGenericParameter).Select(parameter =>
        {
            var constraints = parameter.GetConstraints()
                .Select(handle => TypeName(_reader.GetGenericParameterConstraint(handle).Type, names))
                .Order(StringComparer.Ordinal);
            var special = parameter.Attributes == GenericParameterAttributes.None ? [] : new[] { parameter.Attributes.ToString() };
            return $"{_reader.GetString(parameter.Name)}: {string.Join(" & ", special.Concat(constraints))}".TrimEnd(' ', ':');
        });
        return "<" + string.Join(", ", texts) + ">";
    }

    private string Constant(ConstantHandle handle)
    {
        var constant = _reader.GetConstant(handle);
        var value = _reader.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode);
        return value is null ? "null" : Convert.ToString(value, CultureInfo.InvariantCulture)!;
    }

    private bool HasAttribute(CustomAttributeHandleCollection attributes, string name) => attributes.Any(handle =>
    {
        var constructor = _reader.GetCustomAttribute(handle).Constructor;
        var type = constructor.Kind == HandleKind.MemberReference
            ? _reader.GetMemberReference((MemberReferenceHandle)constructor).Parent
            : _reader.GetMethodDefinition((MethodDefinitionHandle)constructor).GetDeclaringType();
        return TypeName(type, new([], [])) == name;
    });

    private ImmutableArray<string> ParameterNames(GenericParameterHandleCollection parameters) =>
        [.. parameters.Select(handle => _reader.GetString(_reader.GetGenericParameter(handle).Name))];

    private string NamespaceOf(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        return type.GetDeclaringType().IsNil ? _reader.GetString(type.Namespace) : NamespaceOf(type.GetDeclaringType());
    }

    private string TypeName(EntityHandle handle, SignatureText.Names names) => handle.Kind switch
    {
        HandleKind.TypeDefinition => Text.GetTypeFromDefinition(_reader, (TypeDefinitionHandle)handle, 0),
        HandleKind.TypeReference => Text.GetTypeFromReference(_reader, (TypeReferenceHandle)handle, 0),
        HandleKind.TypeSpecification => Text.GetTypeFromSpecification(_reader, names, (TypeSpecificationHandle)handle, 0),
        _ => throw new InvalidOperationException($"A type cannot be a {handle.Kind}."),
    };

    private static string Kind(TypeAttributes attributes, string baseType) => baseType switch
    {
        _ when attributes.HasFlag(TypeAttributes.Interface) => "interface",
        "System.Enum" => "enum",
        "System.ValueType" => "struct",
        "System.MulticastDelegate" => "delegate",
        _ when attributes.HasFlag(TypeAttributes.Abstract | TypeAttributes.Sealed) => "static class",
        _ when attributes.HasFlag(TypeAttributes.Abstract) => "abstract class",
        _ when attributes.HasFlag(TypeAttributes.Sealed) => "sealed class",
        _ => "class",
    };

    private static string Modifiers(MethodAttributes attributes)
    {
        if (attributes.HasFlag(MethodAttributes.Static))
        {
            return attributes.HasFlag(MethodAttributes.Abstract) ? "static abstract " : "static ";
        }

        // A sealed method that implements an interface is virtual in metadata and an ordinary method in C#.
        return !attributes.HasFlag(MethodAttributes.Virtual) || attributes.HasFlag(MethodAttributes.Final) ? ""
            : (attributes.HasFlag(MethodAttributes.Abstract) ? "abstract " : "virtual ")
                + (attributes.HasFlag(MethodAttributes.NewSlot) ? "" : "override ");
    }

    private static string? Access(MethodAttributes access) => access switch
    {
        MethodAttributes.Public => "public",
        MethodAttributes.Family or MethodAttributes.FamORAssem => "protected",
        _ => null,
    };
}
