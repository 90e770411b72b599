using System.Collections.Immutable;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>The comparison of APIs notices what a compiler would notice.</summary>
public sealed class ComparisonTests
{
    private static readonly ImmutableSortedDictionary<string, ApiSurface.ApiType> Surface =
        ApiSurface.Read(typeof(ComparisonTests).Assembly.Location);

    [Theory]
    [InlineData(typeof(Original), typeof(Original), false)]
    [InlineData(typeof(Original), typeof(OtherParameterName), true)]
    [InlineData(typeof(Original), typeof(OtherDefault), true)]
    [InlineData(typeof(Original), typeof(OtherReturn), true)]
    [InlineData(typeof(Original), typeof(OtherConstraint), true)]
    [InlineData(typeof(Original), typeof(OtherNullability), true)]
    [InlineData(typeof(Original), typeof(OtherInnerNullability), true)]
    [InlineData(typeof(Original), typeof(NotVirtual), true)]
    [InlineData(typeof(Original), typeof(MoreSettable), true)]
    [InlineData(typeof(Original), typeof(OtherConstant), true)]
    [InlineData(typeof(Original), typeof(OtherBase), true)]
    [InlineData(typeof(Original), typeof(OtherInterface), true)]
    public void A_difference_is_found(Type real, Type ours, bool different)
    {
        var (realApi, ourApi) = (Named(real), Named(ours));
        ApiComparer.Differences(ourApi, realApi).Count.ShouldBe(different ? 1 : 0, string.Join('\n', ApiComparer.Differences(ourApi, realApi)));
    }

    private static ImmutableDictionary<string, ApiSurface.ApiType> Named(Type type)
    {
        var api = Surface[type.FullName!];
        var named = api with { Name = "Sample", Head = api.Head.Replace(type.FullName!, "Sample", StringComparison.Ordinal) };
        return ImmutableDictionary<string, ApiSurface.ApiType>.Empty.Add("Sample", named);
    }

    public class Original
    {
        public int Settable { get; }

        public virtual string Method<T>(List<string> text, int count = 1)
            where T : class => "";
    }

    public class OtherParameterName
    {
        public int Settable { get; }

        public virtual string Method<T>(List<string> texts, int count = 1)
            where T : class => "";
    }

    public class OtherDefault
    {
        public int Settable { get; }

        public virtual string Method<T>(List<string> text, int count = 2)
            where T : class => "";
    }

    public class OtherReturn
    {
        public int Settable { get; }

        public virtual object Method<T>(List<string> text, int count = 1)
            where T : class => "";
    }

    public class OtherConstraint
    {
        public int Settable { get; }

        public virtual string Method<T>(List<string> text, int count = 1)
            where T : struct => "";
    }

    public class OtherNullability
    {
        public int Settable { get; }

        public virtual string? Method<T>(List<string> text, int count = 1)
            where T : class => "";
    }

    public class OtherInnerNullability
    {
        public int Settable { get; }

        public virtual string Method<T>(List<string?> text, int count = 1)
            where T : class => "";
    }

    public class NotVirtual
    {
        public int Settable { get; }

        public string Method<T>(List<string> text, int count = 1)
            where T : class => text[count];
    }

    public class MoreSettable
    {
        public int Settable { get; set; }

        public virtual string Method<T>(List<string> text, int count = 1)
            where T : class => "";
    }

    public class OtherConstant
    {
        public const int Constant = 1;

        public int Settable { get; }

        public virtual string Method<T>(List<string> text, int count = 1)
            where T : class => "";
    }

    public class OtherBase : List<int>
    {
        public int Settable { get; }

        public virtual string Method<T>(List<string> text, int count = 1)
            where T : class => "";
    }

    public class OtherInterface : IFormattable
    {
        public int Settable { get; }

        public virtual string Method<T>(List<string> text, int count = 1)
            where T : class => "";

        string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => "";
    }
}
