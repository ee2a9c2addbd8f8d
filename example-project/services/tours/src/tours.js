/** Every tour of the shop. They live in memory: a new version of this file is a new catalogue. */
export const tours = [
  {
    id: 'jeju-olle',
    title: { ko: '제주 올레길 걷기', en: 'Walking the Jeju Olle' },
    place: { ko: '제주', en: 'Jeju' },
    summary: {
      ko: '현무암 돌담과 귤밭, 바다를 끼고 걷는 사흘. 저녁에는 갓 잡은 은갈치.',
      en: 'Three days along lava walls, tangerine groves and the sea, with fresh hairtail in the evening.',
    },
    days: 3,
    price: 320_000,
    groupSize: 10,
    scene: { kind: 'coast', hue: 195 },
  },
  {
    id: 'seoraksan-autumn',
    title: { ko: '설악산 단풍 산행', en: 'Seoraksan in autumn' },
    place: { ko: '속초', en: 'Sokcho' },
    summary: {
      ko: '울산바위에 올라 붉게 물든 능선을 내려다보고, 온천에서 다리를 풉니다.',
      en: 'Climb Ulsanbawi above the red ridges, then rest your legs in a hot spring.',
    },
    days: 2,
    price: 210_000,
    groupSize: 12,
    scene: { kind: 'mountain', hue: 18 },
  },
  {
    id: 'busan-night',
    title: { ko: '부산 야경 산책', en: 'Busan by night' },
    place: { ko: '부산', en: 'Busan' },
    summary: {
      ko: '감천문화마을의 골목에서 시작해 광안대교의 불빛 아래에서 끝나는 저녁.',
      en: 'From the alleys of Gamcheon to the lights of the Gwangan bridge, in one evening.',
    },
    days: 1,
    price: 65_000,
    groupSize: 8,
    scene: { kind: 'city', hue: 255 },
  },
  {
    id: 'gyeongju-stars',
    title: { ko: '경주, 천 년의 밤', en: 'Gyeongju, a thousand years at night' },
    place: { ko: '경주', en: 'Gyeongju' },
    summary: {
      ko: '대릉원과 첨성대를 자전거로 돌고, 동궁과 월지에 비친 별을 봅니다.',
      en: 'Cycle past royal tombs and the oldest observatory of Asia, and see the stars in Wolji pond.',
    },
    days: 2,
    price: 180_000,
    groupSize: 14,
    scene: { kind: 'hills', hue: 140 },
  },
]
