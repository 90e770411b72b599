using System.Reflection;
using System.Text;
using Admission.Capacity;

namespace Admission.Architecture.Tests;

/// <summary>
/// The wire contract, frozen in <c>Contracts.txt</c>: a rolling upgrade mixes versions, so a member's number and type never change, and a new member gets a new number.
/// </summary>
public class ContractTests
{
    [Fact]
    public void The_wire_contract_is_the_reviewed_one()
    {
        var reviewed = File.ReadAllText(Path.Combine(Repository.Root, "tests/Architecture.Tests/Contracts.txt")).ReplaceLineEndings("\n").Trim();
        Describe().Trim().ShouldBe(reviewed, "If the change is meant and compatible, copy the actual text into Contracts.txt.");
    }

    [Fact]
    public void Each_message_member_has_a_number_of_its_own()
    {
        foreach (var type in Messages())
        {
            var ids = Members(type).Select(member => member.Id).ToList();
            ids.ShouldBeUnique(type.Name);
        }
    }

    [Fact]
    public void The_zero_of_a_wire_enum_is_None()
    {
        foreach (var type in Messages().Where(type => type.IsEnum))
        {
            Enum.GetName(type, 0).ShouldBe("None", type.Name);
        }
    }

    private static IEnumerable<Type> Messages() => typeof(HolderReport).Assembly.GetExportedTypes()
        .Where(type => type.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "GenerateSerializerAttribute"))
        .OrderBy(Alias, StringComparer.Ordinal);

    private static IEnumerable<Type> Interfaces() => typeof(HolderReport).Assembly.GetExportedTypes()
        .Where(type => type.IsInterface && type.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "AliasAttribute"))
        .OrderBy(Alias, StringComparer.Ordinal);

    private static string Alias(MemberInfo member) => (string)member.CustomAttributes
        .Single(attribute => attribute.AttributeType.Name == "AliasAttribute").ConstructorArguments[0].Value!;

    private static IEnumerable<(uint Id, PropertyInfo Property)> Members(Type type) => type.GetProperties()
        .Select(property => (property.CustomAttributes.FirstOrDefault(attribute => attribute.AttributeType.Name == "IdAttribute"), property))
        .Where(member => member.Item1 is not null)
        .Select(member => ((uint)member.Item1!.ConstructorArguments[0].Value!, member.property))
        .OrderBy(member => member.Item1);

    private static string Describe()
    {
        var text = new StringBuilder();
        foreach (var type in Interfaces())
        {
            text.Append("interface ").Append(Alias(type)).Append('\n');
            foreach (var method in type.GetMethods().OrderBy(Alias, StringComparer.Ordinal))
            {
                var parameters = string.Join(", ", method.GetParameters().Select(parameter => Name(parameter.ParameterType)));
                text.Append("  ").Append(Alias(method)).Append('(').Append(parameters).Append(") : ").Append(Name(method.ReturnType)).Append('\n');
            }
        }

        foreach (var type in Messages())
        {
            text.Append(type.IsEnum ? "enum " : "message ").Append(Alias(type)).Append('\n');
            foreach (var value in type.IsEnum ? Enum.GetValues(type).Cast<object>() : [])
            {
                text.Append("  ").Append(Convert.ToInt32(value)).Append(' ').Append(value).Append('\n');
            }

            foreach (var (id, property) in Members(type))
            {
                text.Append("  ").Append(id).Append(' ').Append(property.Name).Append(" : ").Append(Name(property.PropertyType)).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Name(Type type) =>
        type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.Name;
}
